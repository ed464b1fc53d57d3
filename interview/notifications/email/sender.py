"""The e-mail channel: each message put into words, handed over, and its outcome told to the queue.

One connection for a batch. A server that does not answer ends the batch, and is left alone for a
while; what concerns one mail stops no other.
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
from interview.notifications.email.message import NoAddress, address_of, compose
from interview.notifications.email.smtp_backend import Verdict, verdict_of
from realtime.circuit_breaker import CircuitBreaker

logger = logging.getLogger(__name__)

REST = timedelta(seconds=30)  # of a server that did not answer
server = CircuitBreaker(REST.total_seconds())


def send(deliveries: list[Delivery], now: datetime) -> None:
    """Send claimed messages, each after `queue.begin`; the outcome of each goes to the queue."""
    if server.is_open:
        outbox.put_back(deliveries, due_at=now + REST, reason="unreachable")
        return
    connection = get_connection()
    waiting = _still_true(deliveries)
    try:
        for position, delivery in enumerate(waiting):
            verdict = _send_one(connection, delivery, now)
            if verdict is not None and not verdict.is_about_mail:
                server.trip()
                outbox.put_back(waiting[position + 1 :], due_at=now + REST, reason=verdict.reason)
                break
    finally:
        _close(connection)


def _still_true(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """With all that a mail is made of, in two queries; without those that a newer one replaces."""
    loaded = list(
        Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
        .select_related(
            "person__personal_settings",
            "person__notice_settings",
            "candidate",
            "interview__campaign",
            "interview__application__candidate",
            "interview__application__job",
            "interview__application__submission",
            "interview__round",
            "interview__room",
        )
        .order_by("priority", "due_at", "pk")
    )
    replaced = set(
        outbox.replaced().filter(pk__in=[one.pk for one in loaded]).values_list("pk", flat=True)
    )
    outbox.withdraw_claimed([delivery for delivery in loaded if delivery.pk in replaced])
    return [delivery for delivery in loaded if delivery.pk not in replaced]


def _send_one(connection: Any, delivery: Delivery, now: datetime) -> Verdict | None:
    """None when it has arrived, or was nothing to send."""
    try:
        email = compose(delivery)
    except NoAddress as nobody:
        outbox.dead([delivery], reason=str(nobody))
        return None
    except Exception as error:  # whatever is wrong with this one, the others go on
        logger.error(
            "A message could not be put into words",
            extra={"action": "mail_broken", "delivery": delivery.pk, "error": type(error).__name__},
        )
        outbox.dead([delivery], reason="broken", answer=type(error).__name__)
        return None
    if not outbox.begin(delivery, now):
        return None
    try:
        email.connection = connection
        connection.open()
        connection.send_messages([email])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        verdict = verdict_of(error, is_in_doubt=getattr(connection, "is_in_doubt", False))
        _close(connection)
        _tell(delivery, verdict, now)
        return verdict
    outbox.sent([delivery], now, answer=_where())
    return None


def _tell(delivery: Delivery, verdict: Verdict, now: datetime) -> None:
    answer = verdict.answer.replace(address_of(delivery), "…")  # it is kept, an address is not
    logger.warning(
        "A mail was not sent",
        extra={"action": "mail_not_sent", "delivery": delivery.pk, "reason": verdict.reason},
    )
    if verdict.is_final:
        outbox.dead([delivery], reason=verdict.reason, answer=answer)
    else:
        outbox.failed([delivery], now, reason=verdict.reason, answer=answer)


def _where() -> str:
    return "" if settings.EMAIL_HOST else "EMAIL_HOST is empty: written to a file"


def _close(connection: Any) -> None:
    """A server that is gone cannot be told good-bye."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.close()
