"""Writes contact conflicts: records them, follows merges, and keeps two records apart.

The services of candidates and the merge call it; `views` of the conflicts page shows them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from jobs.models import Campaign, Candidate, ContactConflict
from monitoring import audit


@transaction.atomic
def conflicts_record(
    *, candidates: Sequence[Candidate], campaign: Campaign | None, by: User | None
) -> list[ContactConflict]:
    """Records a conflict with each other candidate who has the mobile or e-mail of one of these.

    campaign  the one for which these records have just been created; None for older ones

    Returns the new conflicts: a pair has only one. Takes a constant number of queries.
    """
    mobiles = {one.mobile: one for one in candidates if one.mobile}
    emails = {one.email.lower(): one for one in candidates if one.email}
    pairs = set()
    others = Candidate.objects.exclude(pk__in=[one.pk for one in candidates])
    for pk, mobile in others.filter(mobile__in=mobiles).values_list("pk", "mobile"):
        pairs.add((mobiles[mobile].pk, pk))
    found = others.annotate(address=Lower("email")).filter(address__in=emails)
    for pk, address in found.values_list("pk", "address"):
        pairs.add((emails[address].pk, pk))
    return _record_pairs(pairs, campaign=campaign, by=by)


def conflicts_record_mobile(*, candidate: Candidate, mobile: str) -> None:
    """Records a conflict with each other candidate who has the number entered for this one."""
    holders = Candidate.objects.filter(mobile=mobile).exclude(pk=candidate.pk).exclude(mobile="")
    pairs = {(candidate.pk, pk) for pk in holders.values_list("pk", flat=True)}
    _record_pairs(pairs, campaign=None, by=None)


def _record_pairs(
    pairs: set[tuple[int, int]], *, campaign: Campaign | None, by: User | None
) -> list[ContactConflict]:
    """Records pairs of a newer and a known record, unless there is a conflict in either direction.

    A mirrored one would ask again what is decided, and show the newer record to other people.
    """
    records = {record for record, _known in pairs}
    existing = ContactConflict.objects.filter(Q(record__in=records) | Q(known__in=records))
    recorded = set(existing.values_list("record_id", "known_id"))
    mirrored = {(known, record) for record, known in recorded}
    return ContactConflict.objects.bulk_create(
        [
            ContactConflict(record_id=record, known_id=known, campaign=campaign, by=by)
            for record, known in sorted(pairs - recorded - mirrored)
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def conflict_keep_apart(*, conflict: ContactConflict, by: User) -> None:
    """Records that the two records are different people. Does nothing if that is decided."""
    undecided = ContactConflict.objects.undecided().filter(pk=conflict.pk)
    if undecided.update(kept_apart_at=timezone.now(), kept_apart_by=by):
        ids = [conflict.record_id, conflict.known_id]
        audit.record(
            action=audit.Action.CHANGE,
            label="jobs.candidate",
            ids=ids,
            fields=["kept_apart_at"],
            by=by,
        )


def conflicts_move(*, kept: int, removed: int) -> None:
    """Moves the conflicts of a removed candidate to the kept one; deletes those between the two.

    A pair that was kept apart stays so. A moved record is no longer the one that its campaign
    created, so that both records' coordinators decide.
    """
    for conflict in ContactConflict.objects.filter(Q(record=removed) | Q(known=removed)):
        pair = [kept if pk == removed else pk for pk in (conflict.record_id, conflict.known_id)]
        same = ContactConflict.objects.filter(record__in=pair, known__in=pair)
        if pair[0] == pair[1] or same.exists():
            if conflict.kept_apart_at:
                same.undecided().update(
                    kept_apart_at=conflict.kept_apart_at, kept_apart_by=conflict.kept_apart_by
                )
            conflict.delete()
            continue
        if conflict.record_id == removed:
            conflict.campaign = None
        conflict.record_id, conflict.known_id = pair
        conflict.save(update_fields=["record", "known", "campaign"])


def conflicts_remove(candidates: Collection[int]) -> None:
    """Deletes all conflicts of candidates that are about to be deleted."""
    found = Q(record__in=candidates) | Q(known__in=candidates)
    ContactConflict.objects.filter(found).delete()
