"""Which groups' robots are told of an event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q

from interview.models import Interview, Robot
from interview.notifications.policy import MANNERS, By, Event
from jobs.models import Application


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups whose robots are told of some events; of a confidential job none is."""

    robots: Sequence[Robot]
    confidential: Collection[int]  # applications

    @classmethod
    def of(cls, events: Iterable[tuple[Event, Interview | None]]) -> Self:
        """Two queries, however many events there are."""
        interviews = [i for event, i in events if i is not None and By.ROBOT in MANNERS[event].by]
        if not interviews:
            return cls((), ())
        theirs = Q(campaign__in={i.campaign_id for i in interviews}) | Q(campaign=None)
        applications = Application.objects.filter(
            pk__in={i.application_id for i in interviews}, job__is_confidential=True
        )
        return cls(
            list(Robot.objects.filter(theirs, is_enabled=True)),
            set(applications.values_list("pk", flat=True)),
        )

    def told_of(self, event: Event, interview: Interview | None) -> list[Robot]:
        if interview is None or By.ROBOT not in MANNERS[event].by:
            return []
        if interview.application_id in self.confidential:
            return []
        return [one for one in self.robots if one.campaign_id in {None, interview.campaign_id}]
