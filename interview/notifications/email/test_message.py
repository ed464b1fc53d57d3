"""Test e-mails: through the outbox as every other message, or at once from a command."""

from __future__ import annotations

import smtplib
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import get_connection
from django.utils import timezone

from interview.models import Delivery
from interview.notifications import wakeup
from interview.notifications.channels import NotDelivered
from interview.notifications.email.message import NoAddress, build_email
from interview.notifications.email.smtp_backend import failure_of
from interview.notifications.failure_reasons import reason_text

CHANNEL = "email"


def plan_test(user: User) -> Delivery:
    """Save a test message to this user and ask a worker to send it."""
    message = Delivery.objects.create(
        channel=CHANNEL,
        event=Delivery.Event.TEST,
        person=user,
        priority=Delivery.Priority.DAY_OF,
        due_at=timezone.now(),
        idempotency_key=f"test:{uuid4()}",
    )
    wakeup.request_delivery({CHANNEL})
    return message


def send_now(address: str) -> str:
    """Send a test message to any address, without storing a delivery.

    Return where it went, as a sentence. Raise NotDelivered.
    """
    message = Delivery(
        channel=CHANNEL,
        event=Delivery.Event.TEST,
        person=User(username=address, email=address),
        created_at=timezone.now(),
    )
    connection = get_connection()
    try:
        email = build_email(message)
        email.connection = connection
        email.send()
    except NoAddress as error:
        raise NotDelivered(reason_text(str(error), CHANNEL)) from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        failure = failure_of(error, connection)
        text = f"{reason_text(failure.reason, CHANNEL)} {failure.answer}".strip()
        raise NotDelivered(text) from None
    if settings.EMAIL_REACHES_PEOPLE:
        return "Sent."
    if settings.EMAIL_HOST:
        return "Sent to the mail catcher, which passes nothing on: EMAIL_HOST is no mail server."
    return f"Sent. EMAIL_HOST is empty: see {settings.EMAIL_FILE_PATH}"
