"""Sends claimed e-mails over SMTP and reports each outcome to the outbox.

A batch shares one connection. If the server does not answer, the batch ends and the server gets a
pause; a failure that concerns one e-mail does not stop the others.
"""

from __future__ import annotations

import contextlib
import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

from interview.models import Delivery
from interview.notifications import outbox
from interview.notifications.email.addresses import address_of, digest_of
from interview.notifications.email.message import NoAddress, build_email
from interview.notifications.email.smtp_backend import SmtpFailure, failure_of
from realtime.circuit_breaker import CircuitBreaker

logger = logging.getLogger(__name__)

PAUSE = timedelta(seconds=30)  # for a server that did not answer
server = CircuitBreaker(PAUSE.total_seconds())


def send(deliveries: list[Delivery], now: datetime) -> None:
    """Send claimed messages, marking each as tried before it leaves."""
    if server.is_open:
        outbox.put_back(deliveries, due_at=now + PAUSE, reason="unreachable")
        return
    connection = get_connection()
    waiting = _without_superseded(deliveries)
    try:
        for position, delivery in enumerate(waiting):
            failure = _send_one(connection, delivery, now)
            if failure is not None and not failure.is_about_mail:
                server.trip()
                rest = waiting[position + 1 :]
                outbox.put_back(rest, due_at=now + PAUSE, reason=failure.reason)
                break
    finally:
        _close(connection)


def _without_superseded(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Reload the messages with all that templates need, and withdraw superseded ones. 2 queries."""
    loaded = list(
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
        .select_related(
            "person__personal_settings",
            "person__notice_settings",
            "candidate",
            "applicant__job__campaign",
            "interview__campaign",
            "interview__application__candidate",
            "interview__application__job",
            "interview__application__submission",
            "interview__round",
            "interview__room",
        )
        .order_by("priority", "due_at", "pk")
    )
    superseded = set(
        outbox.superseded().filter(pk__in=[one.pk for one in loaded]).values_list("pk", flat=True)
    )
    outbox.withdraw_claimed([delivery for delivery in loaded if delivery.pk in superseded])
    return [delivery for delivery in loaded if delivery.pk not in superseded]


def _send_one(connection: Any, delivery: Delivery, now: datetime) -> SmtpFailure | None:
    """Return None if the server accepted it, or there was nothing to send."""
    try:
        email = build_email(delivery)
    except NoAddress as error:
        outbox.mark_dead([delivery], reason=str(error))
        return None
    except Exception as error:  # a message that cannot be built must not stop the others
        logger.error(
            "Cannot build an e-mail",
            extra={"action": "mail_broken", "delivery": delivery.pk, "error": type(error).__name__},
        )
        outbox.mark_dead([delivery], reason="broken", answer=type(error).__name__)
        return None
    if not outbox.mark_tried(delivery, now):
        return None
    try:
        email.connection = connection
        connection.open()
        connection.send_messages([email])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        failure = failure_of(error, connection)
        _close(connection)
        _record_failure(delivery, failure, now)
        return failure
    outbox.mark_sent([delivery], now, answer=_file_note(), sent_to=digest_of(address_of(delivery)))
    return None


def _record_failure(delivery: Delivery, failure: SmtpFailure, now: datetime) -> None:
    # The answer is stored for long; it must not contain the address.
    answer = failure.answer.replace(address_of(delivery), "…")
    logger.warning(
        "An e-mail was not sent",
        extra={"action": "mail_not_sent", "delivery": delivery.pk, "reason": failure.reason},
    )
    if failure.is_final:
        outbox.mark_dead([delivery], reason=failure.reason, answer=answer)
    else:
        outbox.mark_failed([delivery], now, reason=failure.reason, answer=answer)


def _file_note() -> str:
    return "" if settings.EMAIL_HOST else "EMAIL_HOST is empty: written to a file"


def _close(connection: Any) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.close()
