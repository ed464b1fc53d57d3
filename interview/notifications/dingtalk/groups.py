"""Which DingTalk groups receive an event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Q

from interview.models import Interview, Robot
from interview.notifications.policy import Event
from jobs.models import Application

EVENTS = frozenset({Event.MOVED, Event.CANCELLED, Event.ARRIVED, Event.LATE})
"""Events that are sent to groups."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Enabled robots for a set of interviews. Confidential jobs are sent to no group.

    confidential  ids of applications for confidential jobs
    """

    robots: Sequence[Robot]
    confidential: Collection[int]

    @classmethod
    def of(cls, events: Iterable[tuple[Event, Interview | None]]) -> Self:
        """Two queries, however many events there are."""
        interviews = [i for event, i in events if i is not None and event in EVENTS]
        if not interviews:
            return cls((), ())
        campaigns = Q(campaign__in={i.campaign_id for i in interviews}) | Q(campaign=None)
        applications = Application.objects.filter(
            pk__in={i.application_id for i in interviews}, job__is_confidential=True
        )
        return cls(
            list(Robot.objects.filter(campaigns, is_enabled=True)),
            set(applications.values_list("pk", flat=True)),
        )

    def robots_for(self, event: Event, interview: Interview | None) -> list[Robot]:
        if interview is None or event not in EVENTS:
            return []
        if interview.application_id in self.confidential:
            return []
        return [one for one in self.robots if one.campaign_id in {None, interview.campaign_id}]
