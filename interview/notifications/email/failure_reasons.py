"""Reason codes of e-mails that did not arrive, with their texts."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interview.notifications.failure_reasons import NO_ADDRESS

REASONS: dict[str, str | Promise] = {
    "recipient_refused": _("The mail server rejected the recipient."),
    "content_refused": _("The mail server rejected the message."),
    "sender_refused": _("The mail server rejected the sender address. Check the e-mail settings."),
    "later": _("The mail server asks to try again later."),
    "unreachable": _("The mail server does not respond."),
    "sign_in": _("The mail server rejected the user name or password. Check the e-mail settings."),
    "address": _("The recipient's e-mail address is invalid."),
    NO_ADDRESS: _("Cannot be reached: there is no e-mail address."),
}
