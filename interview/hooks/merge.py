"""Receivers of `jobs.merging`: move interviews and messages to the candidate that is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db.models import Count
from django.utils.translation import gettext as _

from interview.models import BulkLine, Delivery, Interview
from interview.models.labels import short_date_time
from interview.models.states import ACTIVE
from interview.models.time_spans import Bookings
from interview.rules.bookings import Calendars
from interview.rules.conflicts import find_conflicts
from interview.services.conflict_checks import appointment_of
from interview.services.schedule_locks import lock_schedules
from interview.services.transitions import Actor, record_event
from jobs.candidates.locking import candidates_locking
from jobs.merging.diff import INTERVIEW_COUNTERS, MERGE_WARNINGS
from jobs.merging.execute import candidate_merging
from jobs.merging.merge_applications import application_merging


def connect() -> None:
    INTERVIEW_COUNTERS.append(interview_counts)
    MERGE_WARNINGS.append(merge_conflicts)
    candidates_locking.connect(lock_related_rows, dispatch_uid="interview.hooks.merge.hold")
    candidate_merging.connect(record_conflicts, dispatch_uid="interview.hooks.merge.conflicts")
    candidate_merging.connect(reassign_candidate, dispatch_uid="interview.hooks.merge.person")
    application_merging.connect(reassign_application, dispatch_uid="interview.hooks.merge.fold")


def interview_counts(applications: Collection[int]) -> Mapping[int, int]:
    """Application id → number of interviews, without applications that have none."""
    found = Interview.objects.filter(application__in=applications).order_by()
    counted = found.values("application").annotate(number=Count("pk"))
    return dict(counted.values_list("application", "number"))


def lock_related_rows(sender: Any, ids: Collection[int], **kwargs: Any) -> None:
    """Lock the candidates' schedules, then bulk plan lines, then interviews, in id order.

    The same order as when a bulk plan is applied, to prevent deadlocks.
    """
    lock_schedules(candidates=ids)
    for model in (BulkLine, Interview):
        rows = model.objects.filter(application__candidate__in=ids)
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def merge_conflicts(one: int, other: int) -> list[str]:
    """Sentences about active interviews of two candidates that one person could not both attend."""
    return [_conflict_text(*pair) for pair in _conflicting_pairs(one, other)]


def _conflicting_pairs(one: int, other: int) -> list[tuple[Interview, Interview]]:
    """Pairs of an interview of each candidate, with a conflict of the candidate between them."""
    active = Interview.objects.filter(status__in=ACTIVE).select_related(
        "room", "campaign", "application__job"
    )
    mine, theirs = (
        list(active.filter(application__candidate=pk).order_by("starts_at", "pk"))
        for pk in (one, other)
    )
    return [(left, right) for left in mine for right in theirs if _is_conflict(left, right)]


def _is_conflict(left: Interview, right: Interview) -> bool:
    zone = ZoneInfo(left.campaign.time_zone)
    first, second = (
        replace(appointment_of(one, interviewers=()), candidate=0) for one in (left, right)
    )
    calendars = Calendars(*(Bookings(zone) for _kind in range(3)))
    calendars.candidates.book(0, first.span, first.place)
    return bool(find_conflicts(second, calendars))


def _conflict_text(left: Interview, right: Interview) -> str:
    text = _(
        "The interviews for %(job)s on %(time)s and for %(other_job)s on %(other_time)s overlap."
    )
    return text % {
        "job": left.application.job.title,
        "time": _local_time(left),
        "other_job": right.application.job.title,
        "other_time": _local_time(right),
    }


def _local_time(interview: Interview) -> str:
    return short_date_time(interview.starts_at.astimezone(ZoneInfo(interview.campaign.time_zone)))


def record_conflicts(
    sender: Any, kept: int, removed: int, by: User, override_reason: str, **kwargs: Any
) -> None:
    """Record the reason in the history of the interviews that conflict because of the merge."""
    pairs = _conflicting_pairs(kept, removed)
    conflicting = {one.pk: one for pair in pairs for one in pair}
    for interview in conflicting.values():
        actor = Actor(user=by, source="page")
        record_event(
            interview,
            action="merge",
            actor=actor,
            from_status=interview.status,
            reason=override_reason,
        )


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
