"""Each response of DingTalk has one meaning, one text and one action."""

import json

import pytest

from interview.notifications.dingtalk.responses import Action, Reason, decode


@pytest.mark.parametrize(
    ("code", "text", "action", "part"),
    [
        (0, "ok", Action.NOTHING, "Sent."),
        (-1, "system busy", Action.RETRY, "busy"),
        (130101, "send too fast", Action.PAUSE, "ten minutes"),
        (410100, "throttled", Action.PAUSE, "ten minutes"),
        (310000, "invalid timestamp, more: [https://…]", Action.SIGN_AGAIN, "time"),
        (310000, "description:机器人发送签名过期;solution:…", Action.SIGN_AGAIN, "time"),
        (310000, "sign not match", Action.ALARM, "security setting"),
        (310000, "keywords not in content", Action.ALARM, "security setting"),
        (300001, "refused", Action.DISABLE, "does not recognise its access token"),
        (300005, "token is not exist", Action.DISABLE, "does not recognise its access token"),
        (400101, "refused", Action.DISABLE, "does not recognise its access token"),
        (400013, "refused", Action.DISABLE, "dissolved"),
        (400102, "refused", Action.DISABLE, "disabled"),
        (400106, "refused", Action.DISABLE, "removed"),
        (460101, "refused", Action.SPLIT, "too long"),
        (101002, "refused", Action.SPLIT, "too long"),
        (777, "new", Action.RETRY, "unknown error code"),
    ],
)
def test_every_error_code_has_a_meaning_and_an_action(code, text, action, part):
    response = decode(200, json.dumps({"errcode": code, "errmsg": text}).encode())
    assert response.action is action
    assert part in response.text
    assert code == 0 or str(code) in response.text, "the text contains the code"
    assert text not in response.text or code == 0, "only our own texts are stored"


@pytest.mark.parametrize(
    ("status", "body", "reason", "action"),
    [
        (200, b"{}", Reason.THROTTLED, Action.PAUSE),
        (200, b'{"status": 1111, "punish": "deny"}', Reason.THROTTLED, Action.PAUSE),
        (200, b'{"errcode": "0"}', Reason.UNKNOWN_CODE, Action.RETRY),
        (200, b'{"errcode": false}', Reason.UNKNOWN_CODE, Action.RETRY),
        (200, b"<html>blocked</html>", Reason.NOT_JSON, Action.RETRY),
        (200, b"", Reason.NOT_JSON, Action.RETRY),
        (200, b"[]", Reason.NOT_JSON, Action.RETRY),
        (200, b"\xff\xfe", Reason.NOT_JSON, Action.RETRY),
        (429, b"", Reason.THROTTLED, Action.PAUSE),
        (302, b"", Reason.HTTP_ERROR, Action.RETRY),
        (502, b'{"errcode": 0}', Reason.HTTP_ERROR, Action.RETRY),
    ],
)
def test_responses_that_are_not_from_dingtalk_are_recognised(status, body, reason, action):
    response = decode(status, body)
    assert (response.reason, response.action) == (reason, action)


def test_every_reason_code_fits_its_database_field():
    assert all(len(reason.value) <= 20 for reason in Reason)
    assert all(len(str(reason.label)) <= 200 for reason in Reason)
