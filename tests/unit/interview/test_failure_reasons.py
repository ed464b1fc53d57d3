"""Why a message did not arrive is told in words."""

import pytest

from interview.notifications.dingtalk.responses import Reason
from interview.notifications.failure_reasons import reason_text


@pytest.mark.parametrize("code", Reason.values)
def test_nobody_reads_a_code_of_dingtalk(code):
    assert reason_text(code) != code
