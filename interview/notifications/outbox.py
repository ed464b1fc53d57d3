"""The queue of outgoing messages: the only place that changes a delivery's state.

A message is marked as being sent before it is: a worker that dies in between leaves it among those
given up, for a person to decide, instead of it being sent twice. Where messages go one by one
(`begin`), those that had not begun simply wait again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from interview.live import operations
from interview.live.operations import SENDING_AT_MOST
from interview.models import Delivery
from interview.notifications import metrics
from interview.notifications.policy import PLANS

State = Delivery.State
WAITING = (State.QUEUED, State.FAILED)
ATTEMPTS = 6
PAUSES = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200)]
RESULTS = {State.SENT, State.FAILED, State.DEAD, State.EXPIRED, State.WITHDRAWN}
NOT_KNOWN = "unknown"  # whether it was sent: the worker that tried did not live to tell


@transaction.atomic
def claim(
    now: datetime, *, channel: str, limit: int, one_by_one: bool = False, **where: Any
) -> list[Delivery]:
    """Take messages that are due, the most urgent first; nobody else gets these.

    one_by_one: the caller calls `begin` before it sends each; otherwise all of them count as tried.
    """
    due = due_on(channel, now).filter(**where).order_by("priority", "due_at", "pk")
    ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=ids).update(
        state=State.SENDING,
        claimed_at=now,
        tried_at=None if one_by_one else now,
        attempts=F("attempts") + 1,
    )
    return list(Delivery.objects.filter(pk__in=ids).order_by("priority", "due_at", "pk"))


def is_waiting(now: datetime, *, channel: str) -> bool:
    """Whether anything is due on this channel."""
    return due_on(channel, now).exists()


def due_on(channel: str, now: datetime) -> QuerySet[Delivery]:
    return due(now).filter(channel=channel)


def due(now: datetime) -> QuerySet[Delivery]:
    """What may be sent at this moment, on every channel."""
    return Delivery.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), state__in=WAITING, due_at__lte=now
    )


def begin(delivery: Delivery, now: datetime) -> bool:
    """From here on it may have left the house; False when it is no longer ours to send."""
    ours = Delivery.objects.filter(
        pk=delivery.pk, state=State.SENDING, claimed_at=delivery.claimed_at, tried_at=None
    )
    return bool(ours.update(tried_at=now))


def sent(deliveries: Iterable[Delivery], now: datetime, **fields: Any) -> None:
    """These have arrived at the other side. fields: answer, folded_into."""
    _change(deliveries, State.SENT, sent_at=now, reason="", **fields)


@transaction.atomic
def failed(deliveries: Sequence[Delivery], now: datetime, *, reason: str, answer: str) -> None:
    """These were not sent, which may pass: tried again after a growing pause, in the end not."""
    for delivery in deliveries:
        if delivery.attempts >= ATTEMPTS:
            dead([delivery], reason=reason, answer=answer)
            continue
        pause = PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
        said = {"reason": reason, "answer": answer[:300]}
        _change([delivery], State.FAILED, due_at=now + pause, **said)


def put_back(
    deliveries: Iterable[Delivery], *, due_at: datetime, reason: str = "", answer: str = ""
) -> None:
    """These were not tried after all: there was no room for them; it counts as no attempt.

    Without a reason they keep the one of their last attempt.
    """
    said = {"reason": reason, "answer": answer[:300]} if reason else {}
    _change(deliveries, State.QUEUED, due_at=due_at, attempts=F("attempts") - 1, **said)


def dead(deliveries: Iterable[Delivery], *, reason: str, answer: str = "") -> None:
    """Trying again would not help; a person decides (see `resend`)."""
    _change(deliveries, State.DEAD, reason=reason, answer=answer[:300])


def withdraw(waiting: QuerySet[Delivery], **fields: Any) -> int:
    """What these tell is no longer so, and they have not been sent; how many. fields: reason."""
    return _change(_held(waiting.filter(state__in=WAITING)), State.WITHDRAWN, **fields)


def wait_again(withdrawn: QuerySet[Delivery], now: datetime) -> int:
    """What these tell is so after all: those still of use are sent; how many."""
    in_time = withdrawn.filter(Q(expires_at=None) | Q(expires_at__gt=now), state=State.WITHDRAWN)
    return _change(_held(in_time), State.QUEUED, reason="")


def withdraw_claimed(deliveries: Iterable[Delivery]) -> None:
    """What these tell turned out to be no longer so when they were about to be sent."""
    claimed = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
    _change(_held(claimed.filter(state=State.SENDING, tried_at=None)), State.WITHDRAWN)


def replaced() -> QuerySet[Delivery]:
    """What the newest message of an interview's plans to the same recipient has made untrue."""
    newer = Delivery.objects.filter(
        Q(person=OuterRef("person"))
        | Q(candidate=OuterRef("candidate"))
        | Q(robot=OuterRef("robot")),
        interview=OuterRef("interview"),
        channel=OuterRef("channel"),
        event__in=PLANS,
        pk__gt=OuterRef("pk"),
    ).exclude(state=State.WITHDRAWN)
    return Delivery.objects.filter(Exists(newer), event__in=PLANS)


def expire(now: datetime) -> int:
    """What waits past the moment it was for is not sent any more; how many."""
    late = Delivery.objects.filter(state__in=WAITING, expires_at__lte=now)
    return _change(_held(late), State.EXPIRED)


@transaction.atomic
def give_up_unknown(now: datetime) -> int:
    """Messages whose worker died while it sent them; how many.

    What it had claimed and not begun waits again.
    """
    lost = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - SENDING_AT_MOST)
    lost.filter(tried_at=None).update(
        state=State.QUEUED, claimed_at=None, attempts=F("attempts") - 1
    )
    begun = lost.filter(tried_at__lt=now - SENDING_AT_MOST)
    return _change(_held(begun), State.DEAD, reason=NOT_KNOWN)


@transaction.atomic
def resend(delivery: Delivery, now: datetime) -> bool:
    """Send it once more, because a person said so; False if it is waiting or being sent already."""
    again = Delivery.objects.filter(pk=delivery.pk).exclude(state__in=[*WAITING, State.SENDING])
    fresh = {"expires_at": None, "attempts": 0, "reason": "", "answer": ""}
    return bool(_change(_held(again), State.QUEUED, due_at=now, **fresh))


def _held(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """These, and nobody else's until the transaction ends; read in `_change`'s."""
    return rows.select_for_update(of=("self",))


@transaction.atomic
def _change(deliveries: Iterable[Delivery], state: State, **fields: Any) -> int:
    """The one place where a message comes to its end, or to another try: counted, and shown to
    operations. How many there were.
    """
    changed = 0
    by_channel: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_channel[delivery.channel].append(delivery)
    for channel, some in by_channel.items():
        rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in some])
        number = rows.update(state=state, **fields)
        if state in RESULTS:
            metrics.count(channel, state.value, number)
        operations.record_messages(some, state)
        changed += number
    return changed
