"""Fills empty fields of existing candidates, and empties them again when an import is reverted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from jobs.candidates import services as candidate_services
from jobs.candidates.services import CandidateFields
from jobs.models import Candidate
from jobs.models.imports import FilledCandidate, ImportRun

ROWS_A_STATEMENT = 2_000


def fill(run: ImportRun, values: Mapping[int, CandidateFields]) -> None:
    """Fills fields that are still empty, and records them for `undo`."""
    filled = candidate_services.candidates_fill(values=values)
    records = [
        FilledCandidate(run=run, candidate_id=candidate, digests=_digests(fields))
        for candidate, fields in filled.items()
    ]
    FilledCandidate.objects.bulk_create(records, batch_size=ROWS_A_STATEMENT)


def undo(run: ImportRun) -> None:
    """Empties what the import has filled, where nobody has changed it since.

    Keeps the contact of a candidate who has no other. Runs in the caller's transaction.
    """
    records = {one.candidate_id: one.digests for one in run.filled.all()}
    fields: dict[int, list[str]] = {}
    found = Candidate.objects.filter(pk__in=records, anonymised_at=None).order_by("pk")
    for candidate in found.select_for_update(of=("self",)):  # before it is compared
        if unchanged := _unchanged(candidate, records[candidate.pk]):
            fields[candidate.pk] = unchanged
    candidate_services.candidates_clear(fields=fields)
    run.filled.all().delete()


def _unchanged(candidate: Candidate, digests: Mapping[str, str]) -> list[str]:
    found = [
        name
        for name, digest in digests.items()
        if constant_time_compare(_digest(name, getattr(candidate, name)), digest)
    ]
    contacts = {name for name in ("mobile", "email") if getattr(candidate, name)}
    return [name for name in found if name not in contacts or contacts - set(found)]


def _digests(fields: CandidateFields) -> dict[str, str]:
    return {name: _digest(name, value) for name, value in fields.items()}


def _digest(name: str, value: Any) -> str:
    return salted_hmac("jobs.imports.filling", f"{name}={value}", algorithm="sha256").hexdigest()
