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

    Returns the conflicts. Takes a constant number of queries.
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
    return ContactConflict.objects.bulk_create(
        [
            ContactConflict(record_id=record, known_id=known, campaign=campaign, by=by)
            for record, known in sorted(pairs)
        ],
        ignore_conflicts=True,
    )


def conflicts_record_mobile(
    *, candidate: Candidate, mobile: str, campaign: Campaign | None
) -> None:
    """Records a conflict with each other candidate who has the number entered for this one."""
    holders = Candidate.objects.filter(mobile=mobile).exclude(pk=candidate.pk).exclude(mobile="")
    ContactConflict.objects.bulk_create(
        [
            ContactConflict(record=candidate, known=holder, campaign=campaign)
            for holder in holders.order_by("pk")
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
    """Moves the conflicts of a removed candidate to the kept one; deletes those between the two."""
    for conflict in ContactConflict.objects.filter(Q(record=removed) | Q(known=removed)):
        record, known = (
            kept if pk == removed else pk for pk in (conflict.record_id, conflict.known_id)
        )
        same = ContactConflict.objects.filter(record=record, known=known)
        if record == known or same.exists():
            conflict.delete()
        else:
            conflict.record_id, conflict.known_id = record, known
            conflict.save(update_fields=["record", "known"])


def conflicts_remove(candidates: Collection[int]) -> None:
    """Deletes all conflicts of candidates that are about to be deleted."""
    found = Q(record__in=candidates) | Q(known__in=candidates)
    ContactConflict.objects.filter(found).delete()
