"""Adapters: what hangs on a candidate or an application follows it into the entry that is kept."""

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
    candidates_locking.connect(hold, dispatch_uid="interview.hooks.merge.hold")
    candidate_merging.connect(follow_the_person, dispatch_uid="interview.hooks.merge.person")
    application_merging.connect(follow_the_application, dispatch_uid="interview.hooks.merge.fold")


def interview_counts(applications: Collection[int]) -> Mapping[int, int]:
    """How many interviews each of these has, if any."""
    found = Interview.objects.filter(application__in=applications).order_by()
    counted = found.values("application").annotate(number=Count("pk"))
    return dict(counted.values_list("application", "number"))


def hold(sender: Any, ids: Collection[int], **kwargs: Any) -> None:
    """Lines before interviews and those before applications, as whoever applies a plan does."""
    for model in (BulkLine, Interview):
        rows = model.objects.filter(application__candidate__in=ids)
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def follow_the_person(sender: Any, kept: int, removed: int, **kwargs: Any) -> None:
    """Messages are his still, and calendars go on knowing his interviews by the number they have:
    under another, the next change would enter each a second time.
    """
    Delivery.objects.filter(candidate=removed).update(candidate=kept)
    found = Interview.objects.filter(application__candidate=removed, invited_as=None)
    interviews = list(found.select_related("campaign"))
    for interview in interviews:
        interview.invited_as = removed
    Interview.objects.bulk_update(interviews, ["invited_as"])


def follow_the_application(sender: Any, kept: int, removed: int, **kwargs: Any) -> None:
    interviews = list(Interview.objects.filter(application=removed).select_related("campaign"))
    for interview in interviews:
        interview.application_id = kept
    Interview.objects.bulk_update(interviews, ["application"])
    planned = BulkLine.objects.filter(application=kept).values("plan")
    BulkLine.objects.filter(application=removed).exclude(plan__in=planned).update(application=kept)
    _tell_of_the_one_that_stays(kept, removed)


def _tell_of_the_one_that_stays(kept: int, removed: int) -> None:
    """Receipts name their application among their facts: one may wait, or be sent again."""
    of_him = Delivery.objects.filter(candidate__applications__in=[kept, removed])
    receipts = list(of_him.filter(facts__application=removed))
    for receipt in receipts:
        receipt.facts["application"] = kept
    Delivery.objects.bulk_update(receipts, ["facts"])
