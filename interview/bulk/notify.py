"""Reminding the interviewers of many interviews: first whom, then once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interview.models import Interview, Notification
from interview.models.states import WAITING
from interview.notifications.in_app import notify
from interview.services.interview_day import interviewers

REMINDER = Notification.Event.REMINDER


@dataclass(slots=True)
class Telling:
    """Who would be told of what, and who not, and why."""

    to_tell: dict[Interview, list[int]] = field(default_factory=dict)
    told_before: int = 0
    deserted: int = 0
    begun: int = 0

    @property
    def notices(self) -> int:
        return sum(map(len, self.to_tell.values()))

    @property
    def people(self) -> set[int]:
        return {person for people in self.to_tell.values() for person in people}

    def add(self, other: Telling) -> None:
        self.to_tell |= other.to_tell
        self.told_before += other.told_before
        self.deserted += other.deserted
        self.begun += other.begun

    def remarks(self) -> list[str]:
        """Why some are not told, a sentence each."""
        return [
            words % number
            for number, words in (
                (
                    self.told_before,
                    ngettext(
                        "%d has been told of this already.",
                        "%d have been told of this already.",
                        self.told_before,
                    ),
                ),
                (
                    self.deserted,
                    ngettext(
                        "%d interview has nobody who could be told.",
                        "%d interviews have nobody who could be told.",
                        self.deserted,
                    ),
                ),
                (
                    self.begun,
                    ngettext(
                        "%d interview has begun or is over; nobody is told.",
                        "%d interviews have begun or are over; nobody is told.",
                        self.begun,
                    ),
                ),
            )
            if number
        ]


def whom_to_tell(interviews: Iterable[Interview]) -> Telling:
    """Those who still take part in what is still to come, and have not been reminded of it as it
    stands. One query, and one for the parts unless they have been read.
    """
    telling, every = Telling(), list(interviews)
    waiting = [interview for interview in every if interview.status in WAITING]
    telling.begun = len(every) - len(waiting)
    told = _told(waiting)
    for interview in waiting:
        people = interviewers(interview)
        new = [one for one in people if (interview.pk, interview.version, one) not in told]
        telling.told_before += len(people) - len(new)
        telling.deserted += not people
        if new:
            telling.to_tell[interview] = new
    return telling


def _told(interviews: Sequence[Interview]) -> set[tuple[int, int, int]]:
    """Interview, its version, and who was reminded of it, from the keys that keep it to once."""
    reminders = Notification.objects.filter(event=REMINDER, interview__in=interviews)
    keys = reminders.values_list("idempotency_key", "interview", "recipient")
    versions = {interview.pk: interview.version for interview in interviews}
    return {
        (interview, versions[interview], recipient)
        for key, interview, recipient in keys
        if key.startswith(f"{REMINDER}:{interview}:{versions[interview]}:")
    }


@transaction.atomic
def remind(interviews: Iterable[Interview]) -> Telling:
    """Tell them. Who was told of the same before is not told again."""
    telling = whom_to_tell(interviews)
    for interview, people in telling.to_tell.items():
        notify(REMINDER, interview, people)
    return telling


def summary_of(telling: Telling) -> str:
    """What was done, in one line."""
    sent = ngettext("%d notice was sent.", "%d notices were sent.", telling.notices)
    return " ".join([sent % telling.notices, *telling.remarks()]) or _("Nobody was told.")
