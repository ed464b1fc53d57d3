"""Adapters: what hangs on a candidate or an application follows it into the entry that is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count

from interview.models import BulkLine, Delivery, Interview
from jobs.candidates.locking import candidates_held
from jobs.merging.diff import INTERVIEW_COUNTS
from jobs.merging.execute import candidate_merging
from jobs.merging.merge_applications import application_folding


def connect() -> None:
    INTERVIEW_COUNTS.append(interview_counts)
    candidates_held.connect(hold, dispatch_uid="interview.hooks.merge.hold")
    candidate_merging.connect(follow_the_person, dispatch_uid="interview.hooks.merge.person")
    application_folding.connect(follow_the_application, dispatch_uid="interview.hooks.merge.fold")


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


def follow_the_person(sender: Any, stays: int, goes: int, **kwargs: Any) -> None:
    """Messages are his still, and calendars go on knowing his interviews by the number they have:
    under another, the next change would enter each a second time.
    """
    Delivery.objects.filter(candidate=goes).update(candidate=stays)
    found = Interview.objects.filter(application__candidate=goes, invited_as=None)
    interviews = list(found.select_related("campaign"))
    for interview in interviews:
        interview.invited_as = goes
    Interview.objects.bulk_update(interviews, ["invited_as"])


def follow_the_application(sender: Any, stays: int, goes: int, **kwargs: Any) -> None:
    interviews = list(Interview.objects.filter(application=goes).select_related("campaign"))
    for interview in interviews:
        interview.application_id = stays
    Interview.objects.bulk_update(interviews, ["application"])
    planned = BulkLine.objects.filter(application=stays).values("plan")
    BulkLine.objects.filter(application=goes).exclude(plan__in=planned).update(application=stays)
    _tell_of_the_one_that_stays(stays, goes)


def _tell_of_the_one_that_stays(stays: int, goes: int) -> None:
    """Receipts name their application among their facts: one may wait, or be sent again."""
    of_him = Delivery.objects.filter(candidate__applications__in=[stays, goes])
    receipts = list(of_him.filter(facts__application=goes))
    for receipt in receipts:
        receipt.facts["application"] = stays
    Delivery.objects.bulk_update(receipts, ["facts"])
