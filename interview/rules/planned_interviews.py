"""The interviews of a day as plain values: what the delay forecast needs of each.

They are read with one statement. Those that have not changed since the last reading are not parsed
again.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, overload

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONArray

from interview.models import AnyInterview, Interview, InterviewAssignment, InterviewRecord
from interview.models.querysets import NOT_DECLINED
from interview.models.states import ACTIVE, WAITING, Status
from realtime.compiled_query import CompiledQuery, parameter

DECLINED = InterviewAssignment.Response.DECLINED
TODAY_WINDOW = timedelta(hours=26)
"""Interviews of today, on any campaign's clock, start within this distance from now."""
REMEMBERED = timedelta(hours=2)
"""How long after its end an interview explains why its people were not elsewhere."""
FINISHED = frozenset({Status.FEEDBACK_DUE, Status.COMPLETED})
PLANNED_KEPT = 20_000
"""So many interviews are kept as `Planned`, a kilobyte each."""

Resource = str
"""A room, interviewer or candidate, such as "room:3": strings keep their hash, tuples do not."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The facts that the forecast needs of an interview: waiting, running or just finished.

    late_minutes: the longest delay that one of its interviewers has announced.
    """

    pk: int
    room: int
    candidate: int
    interviewers: tuple[int, ...]
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    status: str = Status.CONFIRMED
    late_minutes: int = 0
    resources: tuple[Resource, ...] = field(init=False, compare=False, repr=False)
    order: tuple[datetime, int] = field(init=False, compare=False, repr=False)
    is_running: bool = field(init=False, compare=False, repr=False)
    is_waiting: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Calculates what each forecast reads several times."""
        people = (f"interviewer:{pk}" for pk in self.interviewers)
        mine = (f"room:{self.room}", f"candidate:{self.candidate}", *people)
        object.__setattr__(self, "resources", mine)
        object.__setattr__(self, "order", (self.starts_at, self.pk))
        object.__setattr__(self, "is_running", self.status == Status.IN_PROGRESS)
        object.__setattr__(self, "is_waiting", self.status in WAITING)

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


def planned_of(interview: AnyInterview) -> Planned:
    """Takes no query for records, nor for interviews of `for_rows()`."""
    if isinstance(interview, InterviewRecord):
        candidate, time_zone = interview.candidate_id, interview.time_zone
    else:
        candidate, time_zone = interview.application.candidate_id, interview.campaign.time_zone
    active = active_assignments(interview)
    return Planned(
        pk=interview.pk,
        room=interview.room_id,
        candidate=candidate,
        interviewers=tuple(one.interviewer_id for one in active),
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        time_zone=time_zone,
        started_at=interview.started_at,
        finished_at=interview.finished_at,
        status=interview.status,
        late_minutes=max((one.late_minutes for one in active), default=0),
    )


def load_planned(
    where: Q, *, finished_since: datetime, exclude: Collection[int] | QuerySet[Any] = ()
) -> list[Planned]:
    """The interviews that match and are active or finished after this time. Takes one query."""
    found = _planned_facts(where, finished_since=finished_since)
    return [_planned(facts) for facts in found.exclude(pk__in=exclude)]


def planned_near(now: datetime) -> list[Planned]:
    """All interviews of today, on any campaign's clock. Takes one query."""
    rows = PLANNED_NEAR.rows(
        since=now - TODAY_WINDOW, until=now + TODAY_WINDOW, finished_since=now - REMEMBERED
    )
    return [_planned(facts) for (facts,) in rows]


def _planned_facts(where: Q, *, finished_since: Any) -> QuerySet[Any, str]:
    """The facts of each `Planned` as JSON text: a column for each would take longer to read."""
    counts = Q(status__in=ACTIVE) | Q(status__in=FINISHED, finished_at__gt=finished_since)
    takes_part = Q(assignments__response__in=NOT_DECLINED)
    facts = JSONArray(
        *("pk", "room", "application__candidate", "campaign__time_zone", "status"),
        ArrayAgg("assignments__interviewer", filter=takes_part, default=Value([])),
        Max("assignments__late_minutes", filter=takes_part, default=0),
        *("starts_at", "ends_at", "started_at", "finished_at"),
    )
    found = Interview.objects.filter(where, counts).order_by()
    return found.values_list(Cast(facts, TextField()), flat=True)


PLANNED_NEAR = CompiledQuery(
    lambda: _planned_facts(
        Q(starts_at__gt=parameter("since"), starts_at__lt=parameter("until")),
        finished_since=parameter("finished_since"),
    )
)


@lru_cache(PLANNED_KEPT)
def _planned(text: str) -> Planned:
    """Kept, because in a live day most interviews are the same as at the reading before."""
    pk, room, candidate, time_zone, status, people, late_minutes, *times = json.loads(text)
    starts_at, ends_at, started_at, finished_at = map(_moment, times)
    interviewers = tuple(person for person in people if person)
    return Planned(
        *(pk, room, candidate, interviewers, starts_at, ends_at, time_zone),
        *(started_at, finished_at, status, late_minutes),
    )


def _moment(text: str | None) -> Any:
    return text and datetime.fromisoformat(text)


def is_near(now: datetime) -> Q:
    """Condition for the interviews of today, on any campaign's clock."""
    return Q(starts_at__gt=now - TODAY_WINDOW, starts_at__lt=now + TODAY_WINDOW)


@overload
def active_assignments(interview: Interview) -> list[InterviewAssignment]: ...
@overload
def active_assignments(interview: AnyInterview) -> list[Any]: ...
def active_assignments(interview: AnyInterview) -> list[Any]:
    """The assignments that were not declined."""
    return [a for a in interview.assignment_list() if a.response != DECLINED]
