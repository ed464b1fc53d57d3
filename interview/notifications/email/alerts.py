"""E-mails about alerts. Alertmanager sends them itself, because the site may be what has failed.

This module knows whether they leave, and sends test alerts.
"""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _

from interview.notifications.email.smtp_backend import failure_of
from interview.notifications.email.test_message import CHANNEL
from interview.notifications.failure_reasons import reason_text
from monitoring.alerts import destinations
from monitoring.alerts.destinations import Destination, NotSent
from monitoring.alerts.message import Message
from monitoring.markdown import plain_text


def register() -> None:
    destinations.register(
        "email", Destination(label="e-mail", sentence=sentence, remedy=remedy, send=send)
    )


def sentence() -> str:
    addresses = ", ".join(settings.ALERT_EMAILS)
    return _("Alertmanager mails urgent alerts to %(addresses)s.") % {"addresses": addresses}


def remedy() -> str:
    """Which setting is missing; "" if none is."""
    if not settings.EMAIL_REACHES_PEOPLE and settings.EMAIL_HOST:
        text = _(
            "Not by e-mail: a mail catcher keeps all e-mails. Set EMAIL_HOST to a mail server."
        )
    elif not settings.EMAIL_REACHES_PEOPLE:
        text = _("Not by e-mail: there is no mail server. Set EMAIL_HOST.")
    elif not settings.ALERT_EMAILS:
        text = _("Not by e-mail: set ALERT_EMAILS to the addresses of those on call.")
    else:
        text = ""
    return text


def send(message: Message) -> None:
    """Send a message to ALERT_EMAILS by the mail server of the site. Raises NotSent."""
    connection = get_connection()
    email = EmailMessage(
        message.title, plain_text(message.text), to=settings.ALERT_EMAILS, connection=connection
    )
    try:
        email.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        failure = failure_of(error, connection)
        text = f"{reason_text(failure.reason, CHANNEL)} {failure.answer}".strip()
        raise NotSent(failure.reason, text) from None
