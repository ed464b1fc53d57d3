"""Texts for the reason codes of messages that did not arrive. The outbox stores the codes."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interview.notifications import channels

NO_ADDRESS = "no_address"
"""The recipient had no address when the message was planned or sent."""
COMMON: dict[str, str | Promise] = {
    "unknown": _(
        "The connection or the worker failed while sending. The message may have arrived."
    ),
    "overtaken": _("The interview started or was cancelled before the message was sent."),
    "recalled": _("The change was undone before the message was sent."),
    "broken": _("The message could not be created. See the log for the reason."),
}


def reason_texts() -> dict[str, str | Promise]:
    """Texts by code: those of every channel, and the common ones."""
    of_channels = {
        code: text
        for channel in channels.external_channels()
        for code, text in channel.failure_reasons.items()
    }
    return of_channels | COMMON


def reason_text(code: str, channel: str = "") -> str:
    """Text of a code, preferably the channel's own. An unknown code is returned as it is."""
    for one in channels.external_channels():
        if one.identifier == channel and code in one.failure_reasons:
            return str(one.failure_reasons[code])
    return str(reason_texts().get(code, code))
