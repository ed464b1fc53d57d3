"""Why a message did not arrive is told in words."""

import pytest

from interview.delivery.dingtalk.answers import Reason
from interview.delivery.reasons import reason_text


@pytest.mark.parametrize("code", Reason.values)
def test_nobody_reads_a_code_of_dingtalk(code):
    assert reason_text(code) != code
