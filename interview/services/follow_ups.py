"""Follow-ups: a coordinator says that they deal with a card that needs action, or puts it off.

A follow-up is no step of the interview: it changes neither version nor history, and holds for the
flag of which the coordinator spoke.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from interview.models import Interview
from interview.rules.permissions import is_coordinator

FIELDS = ["follow_up_flag", "follow_up_by", "snoozed_until"]


@transaction.atomic
def follow_up_save(
    *, interview_id: int, flag: str, by: User, snooze_minutes: int | None = None
) -> Interview:
    """Record that this person deals with the flag of an interview. Replaces who did so before.

    flag: one of FOLLOW_UP_FLAGS. snooze_minutes: nobody needs to act for so long. Raises
    Interview.DoesNotExist for interviews that the person may not see, and PermissionDenied for
    people who do not coordinate the campaign.
    """
    interview = _lock(interview_id, by)
    interview.follow_up_flag, interview.follow_up_by = flag, by
    interview.snoozed_until = (
        timezone.now() + timedelta(minutes=snooze_minutes) if snooze_minutes else None
    )
    interview.save(update_fields=FIELDS)
    return interview


@transaction.atomic
def follow_up_end(*, interview_id: int, by: User) -> Interview:
    """Record that nobody deals with the interview, and that it is not put off any more.

    Raises the errors of `follow_up_save`.
    """
    interview = _lock(interview_id, by)
    interview.follow_up_flag, interview.follow_up_by = "", None
    interview.snoozed_until = None
    interview.save(update_fields=FIELDS)
    return interview


def _lock(interview_id: int, by: User) -> Interview:
    Interview.objects.visible_to(by).get(pk=interview_id)
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    if not is_coordinator(by, interview.campaign_id):
        raise PermissionDenied
    return interview
