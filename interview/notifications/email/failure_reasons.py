"""Reason codes of e-mails that did not arrive, with their texts."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "recipient_refused": _("The other side does not accept this recipient."),
    "content_refused": _("The other side does not accept this message."),
    "sender_refused": _("The server does not let us send from our address."),
    "later": _("The other side asks to try again later."),
    "unreachable": _("The server does not answer."),
    "sign_in": _("The server does not accept our user name and password."),
    "address": _("This is no address that can be written to."),
    "no_address": _("There is no address to write to."),
}
