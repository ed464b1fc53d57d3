"""Two entries become one. There is no way back."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import Signal

from jobs import services
from jobs.candidates.locking import hold_candidates
from jobs.imports.keep_on_revert import not_to_be_taken_back
from jobs.merging.diff import FIELDS, Entry, entries_of, mark_of
from jobs.merging.merge_applications import fold, folds_of
from jobs.merging.refusals import MergeRefused
from jobs.models import Application, Candidate
from monitoring import audit

candidate_merging = Signal()
"""Sent with `stays` and `goes` (ids) before the second is deleted, in that transaction: whoever
knows it by its number knows the first from then on.
"""

SPELLING = ("pinyin", "initials")  # follow the name


@transaction.atomic
def candidates_merge(
    *, stays: int, goes: int, taken: Collection[str], seen: str, by: User
) -> Candidate:
    """Give the first entry all that hangs on the second, and delete the second.

    taken  names of the fields whose values are taken from the entry that goes
    seen   `mark_of` both entries as they were shown

    Raises MergeRefused if one is gone, is anonymised or has changed since, ValueError for what is
    no field, or no second entry.
    """
    if stays == goes or not set(taken) <= set(FIELDS):
        raise ValueError("Two entries are merged, and fields of theirs taken.")
    first, second = _held(stays, goes)
    _refuse_unseen((first, second), seen)
    candidate_merging.send(sender=Candidate, stays=stays, goes=goes)
    _move_applications(first, second, by=by)
    for campaign in second.campaigns:
        services.candidates_join(candidates=[stays], campaign=campaign)
    # Gone before its values are taken: no two entries may have one mobile.
    Candidate.objects.get(pk=goes).delete()
    kept = _take(first.candidate, second.candidate, taken)
    audit.record(
        action=audit.Action.MERGE,
        label="jobs.candidate",
        ids=[stays, goes],
        fields=sorted(taken),
        by=by,
    )
    return kept


def _held(stays: int, goes: int) -> tuple[Entry, Entry]:
    """Both as they are now, and nobody else's to change until the transaction ends."""
    ids = [stays, goes]
    not_to_be_taken_back(ids)
    hold_candidates(ids)
    found = {entry.id: entry for entry in entries_of(Candidate.objects.filter(pk__in=ids))}
    if len(found) < len(ids):
        raise MergeRefused("gone")
    return found[stays], found[goes]


def _refuse_unseen(entries: tuple[Entry, Entry], seen: str) -> None:
    if any(entry.candidate.anonymised_at for entry in entries):
        raise MergeRefused("anonymised")
    if mark_of(entries) != seen:
        raise MergeRefused("changed")


def _move_applications(first: Entry, second: Entry, *, by: User) -> None:
    """Where both have applied for a job the two are made one before."""
    folds = folds_of(first, second)
    for pair in folds:
        fold(pair, by=by)
    gone = {pair.goes.pk for pair in folds}
    moving = [one for one in second.applications if one.pk not in gone]
    for application in moving:
        application.candidate = first.candidate
    Application.objects.bulk_update(moving, ["candidate"])


def _take(kept: Candidate, other: Candidate, taken: Collection[str]) -> Candidate:
    """Saved whatever was taken: cards that have changed hands show the name of the entry kept."""
    for field in (*taken, *(SPELLING if "name" in taken else ())):
        setattr(kept, field, getattr(other, field))
    kept.save()
    return kept
