"""Every reason code of a failed message has a text."""

import pytest

from interview.notifications import channels
from interview.notifications.dingtalk.responses import Reason
from interview.notifications.failure_reasons import COMMON, reason_text


@pytest.mark.parametrize("code", [*Reason.values, *COMMON])
def test_every_reason_code_has_a_text(code):
    assert reason_text(code) != code


def test_a_shared_reason_code_has_a_text_for_each_channel():
    texts = {
        reason_text("unreachable", channel.identifier) for channel in channels.external_channels()
    }
    assert len(texts) == 2
