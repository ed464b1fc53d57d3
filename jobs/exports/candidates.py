"""The export of candidates, in columns that the import can read."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from jobs.candidates.search import CandidateSearch
from jobs.candidates.services import CandidateFields
from jobs.exports.tables import Column, Filters, IdsField, Table, validated_filters
from jobs.models import Campaign, Candidate
from jobs.models.candidates import CandidateQuerySet


class CandidateExport(CandidateSearch):
    """The filters of the candidates page, or a list of ids."""

    ids = IdsField(required=False)


def rows(user: Any, filters: Filters) -> CandidateQuerySet:
    form = CandidateExport(dict(filters), campaigns=Campaign.objects.coordinated_by(user))
    ids = validated_filters(form)["ids"]
    found = form.narrow(Candidate.objects.visible_to(user))
    return found if ids is None else found.filter(pk__in=ids)


def _heading(name: str) -> Any:
    field: Any = Candidate._meta.get_field(name)
    return field.verbose_name


CANDIDATES = Table(
    name="candidates",
    title=_("Candidates"),
    label="jobs.candidate",
    candidate=lambda candidate: candidate,
    columns=tuple(
        Column(_heading(name), attrgetter(name)) for name in CandidateFields.__annotations__
    ),
    rows=rows,
)
