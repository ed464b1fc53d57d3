"""Compares two candidate records field by field, and digests what the page showed.

The merge page shows the comparison; `execute` checks the digest before it merges.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.crypto import salted_hmac

from jobs.models import Application, Campaign, Candidate
from jobs.models.candidates import CandidateQuerySet

FIELDS = (
    *("name", "mobile", "email", "city", "school", "major", "degree"),
    *("general_score", "written_score"),
)
IDENTIFYING_FIELDS = ("name", "mobile", "email")
EMPTY = ("", None)

INTERVIEW_COUNTERS: list[Callable[[Collection[int]], Mapping[int, int]]] = []
"""Functions from application ids to interviews by application. Apps above this one register."""

MERGE_WARNINGS: list[Callable[[int, int], list[str]]] = []
"""Functions from two candidate ids to the problems that their merge would cause, as sentences for
the coordinator. Apps above this one register.
"""


def merge_warnings(one: int, other: int) -> list[str]:
    """The problems that a merge of these candidates would cause. A reason permits it."""
    return [text for warnings in MERGE_WARNINGS for text in warnings(one, other)]


@dataclass(frozen=True, slots=True)
class CountedApplication:
    """An application and its number of interviews."""

    application: Application
    interviews: int


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """A candidate with everything a merge moves; `interviews` is the count by application id."""

    candidate: Candidate
    campaigns: list[Campaign]
    applications: list[Application]
    interviews: Mapping[int, int]

    @property
    def id(self) -> int:
        return self.candidate.pk

    @property
    def counted_applications(self) -> list[CountedApplication]:
        return [
            CountedApplication(one, self.interviews.get(one.pk, 0)) for one in self.applications
        ]

    def as_json(self) -> dict[str, Any]:
        """Returns everything that decides about a merge, for the digest."""
        return {
            "fields": [getattr(self.candidate, field) for field in FIELDS],
            "campaigns": sorted(campaign.pk for campaign in self.campaigns),
            "applications": [
                [
                    one.application.pk,
                    one.application.version,
                    one.interviews,
                    *_attachment_ids(one.application),
                ]
                for one in self.counted_applications
            ],
        }


def _attachment_ids(application: Application) -> Iterator[int | None]:
    for name in ("resume", "submission", "link"):
        yield getattr(getattr(application, name, None), "pk", None)


def records_of(candidates: CandidateQuerySet) -> list[CandidateRecord]:
    """Loads these candidates' records, oldest first, in a constant number of queries."""
    applications = Application.objects.select_related(
        "job__campaign", "resume", "submission", "link"
    ).order_by("pk")
    people = list(
        candidates.order_by("created_at", "pk").prefetch_related(
            Prefetch("campaigns", Campaign.objects.order_by("name", "pk")),
            Prefetch("applications", applications),
        )
    )
    interviews: Counter[int] = Counter()
    for count in INTERVIEW_COUNTERS:
        interviews.update(count([one.pk for person in people for one in person.applications.all()]))
    return [
        CandidateRecord(
            candidate=person,
            campaigns=list(person.campaigns.all()),
            applications=list(person.applications.all()),
            interviews=interviews,
        )
        for person in people
    ]


def digest_of(records: Collection[CandidateRecord]) -> str:
    """Returns a digest that changes with anything the merge page shows of these records."""
    shown = {record.id: record.as_json() for record in records}
    return salted_hmac("jobs.merging", json.dumps(shown, sort_keys=True)).hexdigest()


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field of two records: both values, and which one the page preselects."""

    field: str
    values: tuple[Any, Any]
    record_ids: tuple[int, int]

    @property
    def label(self) -> str:
        return str(Candidate._meta.get_field(self.field).verbose_name)  # type: ignore[union-attr]

    @property
    def differs(self) -> bool:
        return bool(self.values[0] != self.values[1])

    @property
    def contradicts(self) -> bool:
        """True if both records have a value, and they differ."""
        return self.differs and not any(value in EMPTY for value in self.values)

    @property
    def is_filled(self) -> bool:
        return any(value not in EMPTY for value in self.values)

    @property
    def proposed(self) -> int:
        """The id of the older record, unless only the newer one has a value."""
        return self.record_ids[1 if self.values[0] in EMPTY else 0]

    @property
    def cells(self) -> list[tuple[int, Any]]:
        return list(zip(self.record_ids, self.values, strict=True))


def have_nothing_in_common(comparisons: Iterable[FieldComparison]) -> bool:
    """True if name, mobile and e-mail all differ or are empty: probably a wrong choice."""
    return all(
        one.differs or one.values[0] in EMPTY
        for one in comparisons
        if one.field in IDENTIFYING_FIELDS
    )


def compare_fields(older: CandidateRecord, newer: CandidateRecord) -> list[FieldComparison]:
    """Compares every field of two records."""
    return [
        FieldComparison(
            field=field,
            values=(getattr(older.candidate, field), getattr(newer.candidate, field)),
            record_ids=(older.id, newer.id),
        )
        for field in FIELDS
    ]
