"""What waits to be told of an interview that begins, or turns out not to take place: held back in
the transaction of that step, and told after all when the step is taken back.
"""

from __future__ import annotations

from django.utils import timezone

from interview.models import Interview
from interview.models.states import Status
from interview.notifications import outbox, wakeup
from interview.notifications.policy import UNTRUE_ONCE_CHANGED, Event

HELD_BACK = "overtaken"  # the reason that a withdrawn message keeps
POINTLESS_IN: dict[str, frozenset[Event]] = {
    Status.IN_PROGRESS: frozenset({Event.REMINDER}),
    Status.NO_SHOW: UNTRUE_ONCE_CHANGED,
}


def hold_back(interview: Interview) -> None:
    """Withdraw what is of no use in the state that the interview has just come to."""
    outbox.withdraw(
        interview.deliveries.filter(event__in=POINTLESS_IN[interview.status]), reason=HELD_BACK
    )


def tell_after_all(interview: Interview) -> None:
    """That state was a mistake: what was held back, and is not too late by now, waits again."""
    held = interview.deliveries.filter(reason=HELD_BACK)
    channels = set(held.values_list("channel", flat=True))
    if outbox.wait_again(held, timezone.now()):
        wakeup.wake(channels)
