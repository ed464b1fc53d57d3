"""The outbox: claims messages for sending and records their outcome.

This is the only module that changes the state of a delivery. A message is marked as being sent
before it is sent. If a worker dies in between, the message is given up for a person to decide, and
never sent twice. On channels that mark each message (`mark_tried`), claimed messages that had not
been tried return to the queue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from interview.models import Delivery
from interview.notifications import incidents, metrics
from interview.notifications.incidents import SENDING_TIMEOUT
from interview.notifications.policy import PLANS

State = Delivery.State
WAITING = (State.QUEUED, State.FAILED)
MAX_ATTEMPTS = 6
RETRY_DELAYS = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200)]
COUNTED = {State.SENT, State.FAILED, State.DEAD, State.EXPIRED, State.WITHDRAWN}
UNKNOWN = "unknown"  # reason code: the worker died, and the message may have been sent


@transaction.atomic
def claim(
    now: datetime, *, channel: str, limit: int, marks_each: bool = False, **where: Any
) -> list[Delivery]:
    """Claim due messages for this caller, most urgent first.

    marks_each: the caller calls `mark_tried` before it sends each message; otherwise all count as
    tried at once. where: further conditions of the query.
    """
    due = due_on(channel, now).filter(**where).order_by("priority", "due_at", "pk")
    ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=ids).update(
        state=State.SENDING,
        claimed_at=now,
        tried_at=None if marks_each else now,
        attempts=F("attempts") + 1,
    )
    return list(Delivery.objects.filter(pk__in=ids).order_by("priority", "due_at", "pk"))


def has_due(now: datetime, *, channel: str) -> bool:
    return due_on(channel, now).exists()


def due_on(channel: str, now: datetime) -> QuerySet[Delivery]:
    return due(now).filter(channel=channel)


def due(now: datetime) -> QuerySet[Delivery]:
    """Messages that may be sent now, on every channel."""
    return Delivery.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), state__in=WAITING, due_at__lte=now
    )


def mark_tried(delivery: Delivery, now: datetime) -> bool:
    """Record that the message may leave from now on.

    Return False if it is no longer claimed by this caller; it must not be sent then.
    """
    claimed = Delivery.objects.filter(
        pk=delivery.pk, state=State.SENDING, claimed_at=delivery.claimed_at, tried_at=None
    )
    return bool(claimed.update(tried_at=now))


def mark_sent(deliveries: Iterable[Delivery], now: datetime, **fields: Any) -> None:
    """The other side accepted these. fields: answer, folded_into, sent_to."""
    _change(deliveries, State.SENT, sent_at=now, reason="", **fields)


@transaction.atomic
def mark_failed(deliveries: Sequence[Delivery], now: datetime, *, reason: str, answer: str) -> None:
    """These were not sent for a temporary reason.

    They are retried after a growing delay, and become dead after `MAX_ATTEMPTS`.
    """
    for delivery in deliveries:
        if delivery.attempts >= MAX_ATTEMPTS:
            mark_dead([delivery], reason=reason, answer=answer)
            continue
        delay = RETRY_DELAYS[min(delivery.attempts, len(RETRY_DELAYS)) - 1]
        why = {"reason": reason, "answer": answer[:300]}
        _change([delivery], State.FAILED, due_at=now + delay, **why)


def put_back(
    deliveries: Iterable[Delivery], *, due_at: datetime, reason: str = "", answer: str = ""
) -> None:
    """Return claimed messages to the queue; they were not tried, so no attempt is counted.

    Without a reason they keep that of their last attempt.
    """
    why = {"reason": reason, "answer": answer[:300]} if reason else {}
    _change(deliveries, State.QUEUED, due_at=due_at, attempts=F("attempts") - 1, **why)


def mark_dead(deliveries: Iterable[Delivery], *, reason: str, answer: str = "") -> None:
    """These cannot be sent and are not retried. A person may `resend` them."""
    _change(deliveries, State.DEAD, reason=reason, answer=answer[:300])


def withdraw(waiting: QuerySet[Delivery], **fields: Any) -> int:
    """Withdraw those that still wait. Return their number.

    fields: reason, withdrawn_at_version
    """
    return _change(_locked(waiting.filter(state__in=WAITING)), State.WITHDRAWN, **fields)


def requeue_withdrawn(withdrawn: QuerySet[Delivery], now: datetime) -> int:
    """Queue withdrawn messages again, unless they have expired. Return their number."""
    valid = withdrawn.filter(Q(expires_at=None) | Q(expires_at__gt=now), state=State.WITHDRAWN)
    return _change(_locked(valid), State.QUEUED, reason="", withdrawn_at_version=None)


def withdraw_claimed(deliveries: Iterable[Delivery]) -> None:
    """Withdraw claimed messages that have not been tried."""
    claimed = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
    _change(_locked(claimed.filter(state=State.SENDING, tried_at=None)), State.WITHDRAWN)


def superseded() -> QuerySet[Delivery]:
    """Messages about the plan of an interview that a newer one to the same recipient replaces."""
    same_recipient = (Q(**{one: OuterRef(one)}) for one in Delivery.RECIPIENT_FIELDS)
    newer = Delivery.objects.filter(
        reduce(or_, same_recipient),
        interview=OuterRef("interview"),
        channel=OuterRef("channel"),
        event__in=PLANS,
        pk__gt=OuterRef("pk"),
    ).exclude(state=State.WITHDRAWN)
    return Delivery.objects.filter(Exists(newer), event__in=PLANS)


def expire(now: datetime) -> int:
    """End waiting messages whose validity is over. Return their number."""
    late = Delivery.objects.filter(state__in=WAITING, expires_at__lte=now)
    return _change(_locked(late), State.EXPIRED)


@transaction.atomic
def give_up_unknown(now: datetime) -> int:
    """Mark messages as dead whose worker died while sending them. Return their number.

    Messages that the worker had claimed but not tried return to the queue.
    """
    lost = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - SENDING_TIMEOUT)
    lost.filter(tried_at=None).update(
        state=State.QUEUED, claimed_at=None, attempts=F("attempts") - 1
    )
    tried = lost.filter(tried_at__lt=now - SENDING_TIMEOUT)
    return _change(_locked(tried), State.DEAD, reason=UNKNOWN)


@transaction.atomic
def resend(delivery: Delivery, now: datetime) -> bool:
    """Queue a finished message once more, as if it were new.

    Return False if it already waits or is being sent.
    """
    finished = Delivery.objects.filter(pk=delivery.pk).exclude(state__in=[*WAITING, State.SENDING])
    fresh = {"expires_at": None, "attempts": 0, "reason": "", "answer": ""}
    return bool(_change(_locked(finished), State.QUEUED, due_at=now, **fresh))


def _locked(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Lock these rows until the transaction ends. `_change` evaluates the query in its own."""
    return rows.select_for_update(of=("self",))


@transaction.atomic(savepoint=False)
def _change(deliveries: Iterable[Delivery], state: State, **fields: Any) -> int:
    """Set the state, count the outcome, and announce it on the operations page.

    Return the number of deliveries changed.
    """
    changed = 0
    by_channel: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_channel[delivery.channel].append(delivery)
    for channel, some in by_channel.items():
        rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in some])
        number = rows.update(state=state, **fields)
        if state in COUNTED:
            metrics.count(channel, state.value, number)
        incidents.record_messages(some, state)
        changed += number
    return changed
