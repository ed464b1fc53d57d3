"""Receivers of `jobs.merging`: move interviews and messages to the candidate that is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count

from interview.models import BulkLine, Delivery, Interview
from jobs.candidates.locking import candidates_locking
from jobs.merging.diff import INTERVIEW_COUNTERS
from jobs.merging.execute import candidate_merging
from jobs.merging.merge_applications import application_merging


def connect() -> None:
    INTERVIEW_COUNTERS.append(interview_counts)
    candidates_locking.connect(lock_related_rows, dispatch_uid="interview.hooks.merge.hold")
    candidate_merging.connect(reassign_candidate, dispatch_uid="interview.hooks.merge.person")
    application_merging.connect(reassign_application, dispatch_uid="interview.hooks.merge.fold")


def interview_counts(applications: Collection[int]) -> Mapping[int, int]:
    """Application id → number of interviews, without applications that have none."""
    found = Interview.objects.filter(application__in=applications).order_by()
    counted = found.values("application").annotate(number=Count("pk"))
    return dict(counted.values_list("application", "number"))


def lock_related_rows(sender: Any, ids: Collection[int], **kwargs: Any) -> None:
    """Lock bulk plan lines, then interviews, in id order.

    The same order as when a bulk plan is applied, to prevent deadlocks.
    """
    for model in (BulkLine, Interview):
        rows = model.objects.filter(application__candidate__in=ids)
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def reassign_candidate(sender: Any, kept: int, removed: int, **kwargs: Any) -> None:
    """Move messages to the kept candidate, and keep the candidate id of sent invitations.

    With another id, the next change would add each interview to the calendar a second time.
    """
    Delivery.objects.filter(candidate=removed).update(candidate=kept)
    found = Interview.objects.filter(application__candidate=removed, invited_as=None)
    interviews = list(found.select_related("campaign"))
    for interview in interviews:
        interview.invited_as = removed
    Interview.objects.bulk_update(interviews, ["invited_as"])


def reassign_application(sender: Any, kept: int, removed: int, **kwargs: Any) -> None:
    interviews = list(Interview.objects.filter(application=removed).select_related("campaign"))
    for interview in interviews:
        interview.application_id = kept
    Interview.objects.bulk_update(interviews, ["application"])
    planned = BulkLine.objects.filter(application=kept).values("plan")
    BulkLine.objects.filter(application=removed).exclude(plan__in=planned).update(application=kept)
    _update_receipts(kept, removed)


def _update_receipts(kept: int, removed: int) -> None:
    """Replace the application id in the facts of receipts, which may still be sent or resent."""
    messages = Delivery.objects.filter(candidate__applications__in=[kept, removed])
    receipts = list(messages.filter(facts__application=removed))
    for receipt in receipts:
        receipt.facts["application"] = kept
    Delivery.objects.bulk_update(receipts, ["facts"])
