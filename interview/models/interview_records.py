"""Interviews as plain values: all that rules and live rows need, read with few statements.

A model instance for each joined row would cost several times as much as the query. Records answer
the same questions as `Interview`, so that the rules take either.
"""

from __future__ import annotations

from collections import defaultdict
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
    follow_up_flag: str
    follow_up_by_id: int | None
    follow_up_last_name: str | None
    follow_up_first_name: str | None
    follow_up_username: str | None
    snoozed_until: datetime | None
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
    *("follow_up_flag", "follow_up_by_id"),
    *(f"follow_up_by__{part}" for part in ("last_name", "first_name", "username")),
    "snoozed_until",
)
"""In the order of InterviewRecord's fields."""
BRIEFING_FIELDS = (
    *(f"application__candidate__{name}" for name in ("city", "school", "major", "degree")),
    *("room__directions", "room__meeting_url", "application__resume"),
)


ASSIGNMENT_FIELDS = (
    *("interviewer_id", "response", "decline_reason", "late_minutes"),
    *(f"interviewer__{part}" for part in ("last_name", "first_name", "username")),
)
SCORECARD_FIELDS = ("interviewer_id", "state")
CRITERION_FIELDS = ("name", "name_en")


def read_records(
    interviews: QuerySet[Any], *, with_briefing: bool = False
) -> list[InterviewRecord]:
    """The records of these interviews, in their order.

    Takes three queries, four with a briefing: for thousands of interviews half of the time of one
    statement with arrays. Parts are read after their interviews, and so are never older.
    """
    extra = ("round_id", *BRIEFING_FIELDS) if with_briefing else ()
    found = list(interviews.values_list(*FIELDS, *extra))
    ids = interviews.order_by().values("pk")
    people = _grouped("InterviewAssignment", "interview", ids, ASSIGNMENT_FIELDS)
    cards = _grouped("Scorecard", "interview", ids, SCORECARD_FIELDS)
    if not with_briefing:
        return [_record([*own, people[own[0]], cards[own[0]]]) for own in found]
    rounds = interviews.order_by().values("round")
    criteria = _grouped("Criterion", "round", rounds, CRITERION_FIELDS)
    split = [(values[: len(FIELDS)], *values[len(FIELDS) :]) for values in found]
    return [
        _record([*own, people[own[0]], cards[own[0]], criteria[round_id], *briefing])
        for own, round_id, *briefing in split
    ]


def read_records_of(ids: Collection[int], *, with_briefing: bool = False) -> list[InterviewRecord]:
    """The records of the interviews with these ids, in the model's order. Takes one query, or none.

    Live lists call it for each batch of changes.
    """
    query = BY_ID_WITH_BRIEFING if with_briefing else BY_ID
    return [_record(values) for values in query.rows(ids=list(ids))] if ids else []


def _values(interviews: QuerySet[Any], *, with_briefing: bool) -> Any:
    """A queryset of the values that `_record` takes."""
    own = {"interview": OuterRef("pk")}
    parts = {
        "people": _arrays(_rows("InterviewAssignment", **own), ASSIGNMENT_FIELDS),
        "cards": _arrays(_rows("Scorecard", **own), SCORECARD_FIELDS),
    }
    names = [*FIELDS, *parts]
    if with_briefing:
        criteria = _rows("Criterion", round=OuterRef("round"))
        parts["criteria"] = _arrays(criteria, CRITERION_FIELDS)
        names += ["criteria", *BRIEFING_FIELDS]
    return interviews.annotate(**parts).values_list(*names)


def _by_id(*, with_briefing: bool) -> CompiledQuery:
    def build() -> Any:
        interviews = apps.get_model("interview", "Interview")._default_manager
        found = interviews.filter(pk__in=ids_parameter("ids"))
        return _values(found, with_briefing=with_briefing)

    return CompiledQuery(build)


BY_ID, BY_ID_WITH_BRIEFING = _by_id(with_briefing=False), _by_id(with_briefing=True)


def _rows(model: str, **condition: Any) -> QuerySet[Any]:
    """The rows of this model that meet the condition, in the model's order."""
    manager = apps.get_model("interview", model)._default_manager
    rows: QuerySet[Any] = manager.filter(**condition)
    return rows.order_by(*rows.model._meta.ordering)


def _arrays(rows: QuerySet[Any], fields: Sequence[str]) -> ArraySubquery:
    """Each row as one JSON array, because a subquery has a single column."""
    return ArraySubquery(rows.values_list(JSONArray(*fields)))


def _grouped(
    model: str, owner: str, owners: QuerySet[Any], fields: Sequence[str]
) -> defaultdict[int, list[list[Any]]]:
    """The fields of the rows that belong to these owners, in lists by the owner's key."""
    groups: defaultdict[int, list[list[Any]]] = defaultdict(list)
    rows = _rows(model, **{f"{owner}__in": owners})
    for key, *values in rows.values_list(f"{owner}_id", *fields):
        groups[key].append(values)
    return groups


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
