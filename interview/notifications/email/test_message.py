"""A message that says only that it arrives, sent now, with the answer in words."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import get_connection
from django.utils import timezone

from interview.models import Delivery
from interview.notifications.email.message import NoAddress, compose
from interview.notifications.email.smtp_backend import verdict_of
from interview.notifications.failure_reasons import reason_text


@dataclass(frozen=True, slots=True)
class Outcome:
    is_sent: bool
    text: str


def by_mail(address: str) -> Outcome:
    """To any address; it leaves no record."""
    recipient = User(username=address, email=address)
    message = Delivery(
        channel=Delivery.Channel.EMAIL,
        event=Delivery.Event.TEST,
        person=recipient,
        created_at=timezone.now(),
    )
    connection = get_connection()
    try:
        email = compose(message)
        email.connection = connection
        email.send()
    except NoAddress as nobody:
        return Outcome(is_sent=False, text=reason_text(str(nobody)))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        verdict = verdict_of(error, is_in_doubt=getattr(connection, "is_in_doubt", False))
        return Outcome(
            is_sent=False, text=f"{reason_text(verdict.reason)} {verdict.answer}".strip()
        )
    return Outcome(is_sent=True, text=f"Sent. {where_to()}".strip())


def where_to() -> str:
    """Where mails go when they go nowhere else."""
    return "" if settings.EMAIL_HOST else f"EMAIL_HOST is empty: see {settings.EMAIL_FILE_PATH}"
