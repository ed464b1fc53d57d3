"""Interviews as plain values: all that rules and live rows need, read with one statement.

A model instance for each joined row would cost several times as much as the query. Records answer
the same questions as `Interview`, so that the rules take either.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONArray

from interview.models.time_zones import local_day
from realtime.compiled_query import CompiledQuery, ids_parameter
from realtime.display_names import full_name


@dataclass(slots=True)
class AssignmentRecord:
    """One interviewer of an interview. name: as shown, see `full_name`."""

    interviewer_id: int
    response: str
    decline_reason: str
    late_minutes: int
    name: str


@dataclass(slots=True)
class ScorecardRecord:
    interviewer_id: int
    state: str


@dataclass(slots=True)
class Briefing:
    """Additional facts for an interviewer's own list. criteria: name, name in English."""

    city: str
    school: str
    major: str
    degree: str
    directions: str
    meeting_url: str
    has_resume: bool
    criteria: list[list[str]]


@dataclass(slots=True)
class InterviewRecord:
    """An interview, and what its row shows of application, candidate, job, round and room.

    briefing: None unless it was asked for.
    """

    pk: int
    version: int
    status: str
    reason: str
    side: str
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    campaign: str
    time_zone: str
    application_id: int
    job: str
    round_number: int
    round_name: str
    round_name_en: str
    room_id: int
    room: str
    candidate_id: int
    candidate: str
    pinyin: str
    initials: str
    mobile: str
    assignments: list[AssignmentRecord]
    scorecards: list[ScorecardRecord]
    briefing: Briefing | None = None
    day: date = field(init=False)

    def __post_init__(self) -> None:
        self.day = local_day(self.starts_at, self.time_zone)

    def assignment_list(self) -> list[AssignmentRecord]:
        return self.assignments


FIELDS = (
    *("pk", "version", "status", "reason", "side"),
    *("starts_at", "ends_at", "arrived_at", "started_at", "finished_at"),
    *("campaign__slug", "campaign__time_zone", "application_id", "application__job__title"),
    *("round__number", "round__name", "round__name_en", "room_id", "room__name"),
    "application__candidate_id",
    *(f"application__candidate__{name}" for name in ("name", "pinyin", "initials", "mobile")),
)
"""In the order of InterviewRecord's fields."""
BRIEFING_FIELDS = (
    *(f"application__candidate__{name}" for name in ("city", "school", "major", "degree")),
    *("room__directions", "room__meeting_url", "application__resume"),
)


def read_records(
    interviews: QuerySet[Any], *, with_briefing: bool = False
) -> list[InterviewRecord]:
    """The records of these interviews, in their order. Takes one query."""
    return [_record(values) for values in _values(interviews, with_briefing=with_briefing)]


def read_records_of(ids: Collection[int], *, with_briefing: bool = False) -> list[InterviewRecord]:
    """The records of the interviews with these ids, in the model's order. Takes one query, or none.

    Live lists call it for each batch of changes.
    """
    query = BY_ID_WITH_BRIEFING if with_briefing else BY_ID
    return [_record(values) for values in query.rows(ids=list(ids))] if ids else []


def _values(interviews: QuerySet[Any], *, with_briefing: bool) -> Any:
    """A queryset of the values that `_record` takes."""
    parts = {"people": ArraySubquery(_assignments()), "cards": ArraySubquery(_scorecards())}
    names = [*FIELDS, *parts]
    if with_briefing:
        parts["criteria"] = ArraySubquery(_criteria())
        names += ["criteria", *BRIEFING_FIELDS]
    return interviews.annotate(**parts).values_list(*names)


def _by_id(*, with_briefing: bool) -> CompiledQuery:
    def build() -> Any:
        interviews = apps.get_model("interview", "Interview")._default_manager
        found = interviews.filter(pk__in=ids_parameter("ids"))
        return _values(found, with_briefing=with_briefing)

    return CompiledQuery(build)


BY_ID, BY_ID_WITH_BRIEFING = _by_id(with_briefing=False), _by_id(with_briefing=True)


def _assignments() -> QuerySet[Any]:
    names = (f"interviewer__{part}" for part in ("last_name", "first_name", "username"))
    answer = ("response", "decline_reason", "late_minutes")
    return _arrays(_parts("InterviewAssignment"), "interviewer_id", *answer, *names)


def _scorecards() -> QuerySet[Any]:
    return _arrays(_parts("Scorecard"), "interviewer_id", "state")


def _criteria() -> QuerySet[Any]:
    criteria = apps.get_model("interview", "Criterion")._default_manager
    return _arrays(criteria.filter(round=OuterRef("round")), "name", "name_en")


def _parts(model: str) -> QuerySet[Any]:
    """The rows of this model that belong to the interview of the outer query."""
    parts: QuerySet[Any] = apps.get_model("interview", model)._default_manager.all()
    return parts.filter(interview=OuterRef("pk"))


def _arrays(rows: QuerySet[Any], *fields: str) -> QuerySet[Any]:
    """Each row as one JSON array, because a subquery has a single column."""
    return rows.order_by(*rows.model._meta.ordering).values_list(JSONArray(*fields))


def _record(values: Sequence[Any]) -> InterviewRecord:
    own, (people, cards, *briefing) = values[: len(FIELDS)], values[len(FIELDS) :]
    parts: list[Any] = [
        [
            AssignmentRecord(pk, response, reason, late, full_name(*name))
            for pk, response, reason, late, *name in people
        ],
        [ScorecardRecord(*card) for card in cards],
        _briefing(*briefing) if briefing else None,
    ]
    return InterviewRecord(*own, *parts)


def _briefing(criteria: list[list[str]], *values: Any) -> Briefing:
    *texts, resume_id = values
    parts: list[Any] = [resume_id is not None, criteria]
    return Briefing(*texts, *parts)
