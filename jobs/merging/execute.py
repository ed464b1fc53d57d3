"""Merges two candidate records into one. This cannot be undone."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import Signal

from jobs.candidates import services as candidate_services
from jobs.candidates.conflicts import conflicts_move
from jobs.candidates.locking import lock_candidates
from jobs.imports.keep_on_revert import keep_on_revert
from jobs.merging.diff import FIELDS, CandidateRecord, digest_of, merge_warnings, records_of
from jobs.merging.merge_applications import application_pairs, merge_applications
from jobs.merging.refusals import MergeRefused
from jobs.models import Application, Candidate
from monitoring import audit

candidate_merging = Signal()
"""Sent with `kept` and `removed` (candidate ids), `by` and `override_reason` in the merge's
transaction, before the second candidate is deleted. Receivers move rows that refer to it by id.
"""

NAME_FIELDS = ("search_name", "pinyin", "initials")  # follow the name


@transaction.atomic
def candidates_merge(
    *,
    kept: int,
    removed: int,
    fields_from_removed: Collection[str],
    shown: str,
    by: User,
    override_reason: str = "",
) -> Candidate:
    """Moves everything that belongs to the removed candidate to the kept one, and deletes it.

    fields_from_removed  names of the fields whose values come from the removed candidate
    shown                `digest_of` both records as the person who merges saw them
    override_reason      permits a merge that has warnings, such as interviews that overlap

    Raises MergeRefused if a record is gone, is anonymised or has changed since it was shown, or if
    there are warnings without a reason.
    Raises ValueError if both ids are equal or a field does not exist.
    """
    if kept == removed or not set(fields_from_removed) <= set(FIELDS):
        raise ValueError("A merge needs two different candidates and fields of Candidate.")
    reason = override_reason.strip()
    first, second = _locked_records(kept, removed)
    _require_unchanged((first, second), shown)
    if not reason and merge_warnings(kept, removed):
        raise MergeRefused("unconfirmed")
    candidate_merging.send(Candidate, kept=kept, removed=removed, by=by, override_reason=reason)
    _move_applications(first, second, by=by)
    for campaign in second.campaigns:
        candidate_services.candidates_join(candidates=[kept], campaign=campaign)
    conflicts_move(kept=kept, removed=removed)
    # Deleted before its values are copied: mobile and e-mail are unique.
    Candidate.objects.get(pk=removed).delete()
    merged = _copy_fields(first.candidate, second.candidate, fields_from_removed)
    _record_merge([kept, removed], fields_from_removed, by)
    return merged


def _record_merge(ids: list[int], fields: Collection[str], by: User) -> None:
    audit.record(
        action=audit.Action.MERGE, label="jobs.candidate", ids=ids, fields=sorted(fields), by=by
    )


def _locked_records(kept: int, removed: int) -> tuple[CandidateRecord, CandidateRecord]:
    ids = [kept, removed]
    keep_on_revert(ids)
    lock_candidates(ids)
    found = {record.id: record for record in records_of(Candidate.objects.filter(pk__in=ids))}
    if len(found) < len(ids):
        raise MergeRefused("gone")
    return found[kept], found[removed]


def _require_unchanged(records: tuple[CandidateRecord, CandidateRecord], shown: str) -> None:
    if any(record.candidate.anonymised_at for record in records):
        raise MergeRefused("anonymised")
    if digest_of(records) != shown:
        raise MergeRefused("changed")


def _move_applications(first: CandidateRecord, second: CandidateRecord, *, by: User) -> None:
    """Merges applications for the same job, and moves the others."""
    pairs = application_pairs(first, second)
    for pair in pairs:
        merge_applications(pair, by=by)
    removed = {pair.removed.pk for pair in pairs}
    moving = [one for one in second.applications if one.pk not in removed]
    for application in moving:
        application.candidate = first.candidate
    Application.objects.bulk_update(moving, ["candidate"])


def _copy_fields(kept: Candidate, removed: Candidate, fields: Collection[str]) -> Candidate:
    """Saves even if no field is copied: the save updates the name on the moved board cards."""
    for field in (*fields, *(NAME_FIELDS if "name" in fields else ())):
        setattr(kept, field, getattr(removed, field))
    candidate_services.refresh_shares_contact(kept)
    kept.save()
    return kept
