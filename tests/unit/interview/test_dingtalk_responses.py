"""Each answer of DingTalk has one meaning, told in words, and one consequence."""

import json

import pytest

from interview.notifications.dingtalk.responses import Follows, Reason, decode


@pytest.mark.parametrize(
    ("code", "text", "follows", "words"),
    [
        (0, "ok", Follows.NOTHING, "Sent."),
        (-1, "system busy", Follows.RETRY, "busy"),
        (130101, "send too fast", Follows.HOLD, "ten minutes"),
        (410100, "throttled", Follows.HOLD, "ten minutes"),
        (310000, "invalid timestamp, more: [https://…]", Follows.RESIGN, "time"),
        (310000, "description:机器人发送签名过期;solution:…", Follows.RESIGN, "time"),
        (310000, "sign not match", Follows.ALARM, "security setting"),
        (310000, "keywords not in content", Follows.ALARM, "security setting"),
        (300001, "refused", Follows.DISABLE, "does not know its token"),
        (300005, "token is not exist", Follows.DISABLE, "does not know its token"),
        (400101, "refused", Follows.DISABLE, "does not know its token"),
        (400013, "refused", Follows.DISABLE, "dissolved"),
        (400102, "refused", Follows.DISABLE, "switched off"),
        (400106, "refused", Follows.DISABLE, "removed"),
        (460101, "refused", Follows.SPLIT, "too long"),
        (101002, "refused", Follows.SPLIT, "too long"),
        (777, "new", Follows.RETRY, "do not know"),
    ],
)
def test_every_code_says_what_it_means_and_what_is_done(code, text, follows, words):
    answer = decode(200, json.dumps({"errcode": code, "errmsg": text}).encode())
    assert answer.follows is follows
    assert words in answer.words
    assert code == 0 or str(code) in answer.words, "the code can be looked up"
    assert text not in answer.words or code == 0, "only our own words are kept"


@pytest.mark.parametrize(
    ("status", "body", "reason", "follows"),
    [
        (200, b"{}", Reason.THROTTLED, Follows.HOLD),
        (200, b'{"status": 1111, "punish": "deny"}', Reason.THROTTLED, Follows.HOLD),
        (200, b'{"errcode": "0"}', Reason.UNKNOWN_CODE, Follows.RETRY),
        (200, b'{"errcode": false}', Reason.UNKNOWN_CODE, Follows.RETRY),
        (200, b"<html>blocked</html>", Reason.NOT_JSON, Follows.RETRY),
        (200, b"", Reason.NOT_JSON, Follows.RETRY),
        (200, b"[]", Reason.NOT_JSON, Follows.RETRY),
        (200, b"\xff\xfe", Reason.NOT_JSON, Follows.RETRY),
        (429, b"", Reason.THROTTLED, Follows.HOLD),
        (302, b"", Reason.HTTP_ERROR, Follows.RETRY),
        (502, b'{"errcode": 0}', Reason.HTTP_ERROR, Follows.RETRY),
    ],
)
def test_what_is_no_answer_of_dingtalks_is_recognised(status, body, reason, follows):
    answer = decode(status, body)
    assert (answer.reason, answer.follows) == (reason, follows)


def test_every_reason_fits_where_it_is_kept():
    assert all(len(reason.value) <= 20 for reason in Reason)
    assert all(len(str(reason.label)) <= 200 for reason in Reason)
