"""Why a message did not arrive, in words for people; codes are what the queue keeps."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interview.notifications.dingtalk.responses import Reason

REASONS: dict[str, str | Promise] = {
    **dict(Reason.choices),
    "unknown": _("It was being sent when the connection or the worker broke; it may have arrived."),
    "recipient_refused": _("The other side does not accept this recipient."),
    "content_refused": _("The other side does not accept this message."),
    "sender_refused": _("The server does not let us send from our address."),
    "later": _("The other side asks to try again later."),
    "unreachable": _("The server does not answer."),
    "sign_in": _("The server does not accept our user name and password."),
    "address": _("This is no address that can be written to."),
    "no_address": _("There is no address to write to."),
    "overtaken": _("The interview had begun or did not take place before it was sent."),
    "broken": _("The message could not be put into words; see the log."),
}


def reason_text(code: str) -> str:
    """The reason in words; a code that nobody has described stands for itself."""
    return str(REASONS.get(code, code))
