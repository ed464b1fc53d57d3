"""What DingTalk's answers mean, and what follows from each. Failures come as HTTP 200 with a code.

Only our own words are kept: the text of an answer may repeat what we sent, or who we are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

EXPIRED_TIME = ("timestamp", "签名过期")  # "invalid timestamp", "机器人发送签名过期"


class Follows(Enum):
    """What is done about an answer."""

    NOTHING = auto()  # it was sent
    RETRY = auto()  # after a pause; several in a row give the robot a rest
    HOLD = auto()  # the robot rests as long as DingTalk refuses it
    RESIGN = auto()  # sign anew, once
    ALARM = auto()  # a person must change the configuration; tried again now and then
    DISABLE = auto()  # the robot is gone
    SPLIT = auto()  # send it in two parts


class Reason(models.TextChoices):
    """Why a message was not sent; the code is kept with the delivery."""

    SENT = "sent", gettext_lazy("Sent.")
    BUSY = "busy", gettext_lazy("DingTalk is busy.")
    THROTTLED = "throttled", gettext_lazy("Too many messages in a minute; ten minutes of refusal.")
    STALE_TIME = "stale_time", gettext_lazy("DingTalk finds the time of the signature wrong.")
    SECURITY = "security", gettext_lazy("A security setting of the robot refused the message.")
    NOT_CONFIGURED = (
        "not_configured",
        gettext_lazy("DINGTALK_ROBOTS has no webhook and secret for this robot."),
    )
    GONE = "robot_gone", gettext_lazy("The robot is gone.")
    TOO_LONG = "too_long", gettext_lazy("The message is too long.")
    UNKNOWN_CODE = "unknown_code", gettext_lazy("DingTalk answered with a code we do not know.")
    NOT_JSON = "not_json", gettext_lazy("The answer was not JSON.")
    TIMEOUT = "timeout", gettext_lazy("No answer in time; it may have been sent.")
    CUT_OFF = "cut_off", gettext_lazy("The connection broke before the answer; maybe it was sent.")
    UNREACHABLE = "unreachable", gettext_lazy("DingTalk could not be reached.")
    HTTP_ERROR = "http_error", gettext_lazy("The server answered with an HTTP error.")


FOLLOWS = {
    Reason.SENT: Follows.NOTHING,
    Reason.THROTTLED: Follows.HOLD,
    Reason.STALE_TIME: Follows.RESIGN,
    Reason.SECURITY: Follows.ALARM,
    Reason.NOT_CONFIGURED: Follows.ALARM,
    Reason.GONE: Follows.DISABLE,
    Reason.TOO_LONG: Follows.SPLIT,
}
"""All others are tried again."""

MAYBE_SENT = frozenset({Reason.TIMEOUT, Reason.CUT_OFF})
"""What is sent again after these says that it may be a repetition."""

REASONS = {
    0: Reason.SENT,
    -1: Reason.BUSY,
    130101: Reason.THROTTLED,
    410100: Reason.THROTTLED,
    310000: Reason.SECURITY,
    300001: Reason.GONE,
    300005: Reason.GONE,
    400101: Reason.GONE,
    400013: Reason.GONE,
    400102: Reason.GONE,
    400106: Reason.GONE,
    460101: Reason.TOO_LONG,
    101002: Reason.TOO_LONG,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, decoded. code: DingTalk's, or the HTTP status, where there was one."""

    reason: Reason
    code: int | None = None

    @property
    def follows(self) -> Follows:
        return FOLLOWS.get(self.reason, Follows.RETRY)

    @property
    def words(self) -> str:
        """For people, in the language that is active; at most 300 letters."""
        cause = _cause(self.code) if self.reason is Reason.GONE else ""
        number = f"({self.code})" if self.code else ""
        return " ".join(part for part in (str(self.reason.label), cause, number) if part)


def _cause(code: int | None) -> str:
    return {
        400013: _("Its group was dissolved."),
        400102: _("It was switched off in its group."),
        400106: _("It was removed from its group."),
    }.get(code or 0, _("DingTalk does not know its token."))


def decode(status: int, body: bytes) -> Answer:
    """What an HTTP answer means. status: HTTP's. body: as it came."""
    if status == 429:
        return Answer(Reason.THROTTLED, status)
    if status != 200:
        return Answer(Reason.HTTP_ERROR, status)
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return Answer(Reason.NOT_JSON)
    return _meaning(said) if isinstance(said, dict) else Answer(Reason.NOT_JSON)


def _meaning(said: dict[str, Any]) -> Answer:
    code = said.get("errcode")
    if code is None:
        return Answer(Reason.THROTTLED)  # DingTalk's gateway refuses without one
    if type(code) is not int:  # False would be 0, and that means sent
        return Answer(Reason.UNKNOWN_CODE)
    text = str(said.get("errmsg", ""))
    if code == 310000 and any(words in text for words in EXPIRED_TIME):
        return Answer(Reason.STALE_TIME, code)
    return Answer(REASONS.get(code, Reason.UNKNOWN_CODE), code)
