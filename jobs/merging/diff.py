"""Two entries side by side: what they say, where they differ, and a mark of what was shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.crypto import salted_hmac

from jobs.models import Application, Campaign, Candidate
from jobs.querysets import CandidateQuerySet

FIELDS = (
    *("name", "mobile", "email", "city", "school", "major", "degree"),
    *("general_score", "written_score"),
)
KNOWN_BY = ("name", "mobile", "email")
NOTHING = ("", None)

# Apps above this one say here how many conversations hang on each of these applications.
INTERVIEW_COUNTS: list[Callable[[Collection[int]], Mapping[int, int]]] = []


@dataclass(frozen=True, slots=True)
class Counted:
    """An application, and how many interviews it has."""

    application: Application
    interviews: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate with all that would be merged; `interviews` counts them by application."""

    candidate: Candidate
    campaigns: list[Campaign]
    applications: list[Application]
    interviews: Mapping[int, int]

    @property
    def id(self) -> int:
        return self.candidate.pk

    @property
    def counted(self) -> list[Counted]:
        return [Counted(one, self.interviews.get(one.pk, 0)) for one in self.applications]

    def parts(self) -> dict[str, Any]:
        """All that decides about a merge, in a form that can be marked."""
        return {
            "fields": [getattr(self.candidate, field) for field in FIELDS],
            "campaigns": sorted(campaign.pk for campaign in self.campaigns),
            "applications": [
                [one.application.pk, one.application.version, one.interviews, *_brought(one)]
                for one in self.counted
            ],
        }


def _brought(one: Counted) -> Iterator[int | None]:
    for name in ("resume", "submission", "link"):
        yield getattr(getattr(one.application, name, None), "pk", None)


def entries_of(candidates: CandidateQuerySet) -> list[Entry]:
    """These with all that is theirs, the oldest first. The number of queries is constant."""
    applications = Application.objects.select_related(
        "job__campaign", "resume", "submission", "link"
    ).order_by("pk")
    found = candidates.order_by("created_at", "pk").prefetch_related(
        Prefetch("campaigns", Campaign.objects.order_by("name", "pk")),
        Prefetch("applications", applications),
    )
    people = list(found)
    counts: Counter[int] = Counter()
    for count in INTERVIEW_COUNTS:
        counts.update(count([one.pk for person in people for one in person.applications.all()]))
    return [
        Entry(person, list(person.campaigns.all()), list(person.applications.all()), counts)
        for person in people
    ]


def mark_of(entries: Collection[Entry]) -> str:
    """Another as soon as anything has changed of what is shown of these entries."""
    shown = {entry.id: entry.parts() for entry in entries}
    return salted_hmac("jobs.merging", json.dumps(shown, sort_keys=True)).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both entries, and whose value is taken unless somebody says otherwise."""

    field: str
    values: tuple[Any, Any]
    entries: tuple[int, int]

    @property
    def label(self) -> str:
        return str(Candidate._meta.get_field(self.field).verbose_name)  # type: ignore[union-attr]

    @property
    def differs(self) -> bool:
        return bool(self.values[0] != self.values[1])

    @property
    def proposed(self) -> int:
        """The older entry's, unless only the other says anything."""
        return self.entries[1 if self.values[0] in NOTHING else 0]

    @property
    def cells(self) -> list[tuple[int, Any]]:
        return list(zip(self.entries, self.values, strict=True))


def share_nothing(lines: Iterable[Line]) -> bool:
    """Whether neither name nor contact is the same: it may be a slip of the mouse."""
    return all(
        line.differs or line.values[0] in NOTHING for line in lines if line.field in KNOWN_BY
    )


def lines_of(older: Entry, newer: Entry) -> list[Line]:
    """All fields, side by side."""
    both = (older.candidate, newer.candidate)
    return [
        Line(field, (getattr(both[0], field), getattr(both[1], field)), (older.id, newer.id))
        for field in FIELDS
    ]
