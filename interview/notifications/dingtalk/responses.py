"""Meaning of DingTalk's responses, and the action each requires.

DingTalk reports failures as HTTP 200 with an error code. Its texts are not stored, because they may
repeat the message or the credentials; `Reason` has our own.
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


class Action(Enum):
    """Action that a response requires."""

    NOTHING = auto()  # the message was sent
    RETRY = auto()  # later; several failures in a row pause the robot
    PAUSE = auto()  # pause the robot as long as DingTalk throttles it
    SIGN_AGAIN = auto()  # sign and send once more
    ALARM = auto()  # a person must change the configuration; retried now and then
    DISABLE = auto()  # the robot no longer exists
    SPLIT = auto()  # send the digest in two parts


class Reason(models.TextChoices):
    """Why a message was not sent. The code is stored with the delivery."""

    SENT = "sent", gettext_lazy("Sent.")
    BUSY = "busy", gettext_lazy("DingTalk is busy.")
    THROTTLED = (
        "throttled",
        gettext_lazy("Too many messages in one minute. DingTalk rejects messages for ten minutes."),
    )
    STALE_TIME = (
        "stale_time",
        gettext_lazy("DingTalk rejected the time of the signature. Check the server's clock."),
    )
    SECURITY = "security", gettext_lazy("The robot's security settings rejected the message.")
    NOT_CONFIGURED = (
        "not_configured",
        gettext_lazy("DINGTALK_ROBOTS contains no webhook and secret for this robot."),
    )
    GONE = "robot_gone", gettext_lazy("The robot no longer works in its group.")
    TOO_LONG = "too_long", gettext_lazy("The message is too long.")
    UNKNOWN_CODE = "unknown_code", gettext_lazy("DingTalk returned an unknown error code.")
    NOT_JSON = "not_json", gettext_lazy("DingTalk's response was not JSON.")
    TIMEOUT = "timeout", gettext_lazy("No response in time. The message may have been sent.")
    CUT_OFF = (
        "cut_off",
        gettext_lazy("The connection broke before the response. The message may have been sent."),
    )
    UNREACHABLE = "unreachable", gettext_lazy("DingTalk could not be reached.")
    HTTP_ERROR = "http_error", gettext_lazy("DingTalk returned an HTTP error.")


ACTIONS = {
    Reason.SENT: Action.NOTHING,
    Reason.THROTTLED: Action.PAUSE,
    Reason.STALE_TIME: Action.SIGN_AGAIN,
    Reason.SECURITY: Action.ALARM,
    Reason.NOT_CONFIGURED: Action.ALARM,
    Reason.GONE: Action.DISABLE,
    Reason.TOO_LONG: Action.SPLIT,
}
"""All other reasons are retried."""

MAYBE_SENT = frozenset({Reason.TIMEOUT, Reason.CUT_OFF})
"""Reasons after which a repeated message says that it may be a repetition."""

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
class Response:
    """A decoded response. code: DingTalk's error code, or the HTTP status, if there was one."""

    reason: Reason
    code: int | None = None

    @property
    def action(self) -> Action:
        return ACTIONS.get(self.reason, Action.RETRY)

    @property
    def text(self) -> str:
        """Reason, cause and code in the active language; at most 300 characters."""
        cause = _cause(self.code) if self.reason is Reason.GONE else ""
        number = f"({self.code})" if self.code else ""
        return " ".join(part for part in (str(self.reason.label), cause, number) if part)


def _cause(code: int | None) -> str:
    return {
        400013: _("Its group was dissolved."),
        400102: _("It was disabled in its group."),
        400106: _("It was removed from its group."),
    }.get(code or 0, _("DingTalk does not recognise its access token."))


def decode(status: int, body: bytes) -> Response:
    """Interpret an HTTP response by its status and body."""
    if status == 429:
        return Response(Reason.THROTTLED, status)
    if status != 200:
        return Response(Reason.HTTP_ERROR, status)
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return Response(Reason.NOT_JSON)
    return _meaning(parsed) if isinstance(parsed, dict) else Response(Reason.NOT_JSON)


def _meaning(parsed: dict[str, Any]) -> Response:
    code = parsed.get("errcode")
    if code is None:
        return Response(Reason.THROTTLED)  # the gateway throttles without a code
    if type(code) is not int:  # a bool: False equals 0, which would mean sent
        return Response(Reason.UNKNOWN_CODE)
    text = str(parsed.get("errmsg", ""))
    if code == 310000 and any(part in text for part in EXPIRED_TIME):
        return Response(Reason.STALE_TIME, code)
    return Response(REASONS.get(code, Reason.UNKNOWN_CODE), code)
