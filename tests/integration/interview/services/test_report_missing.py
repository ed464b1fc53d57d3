"""A coordinator reports that nobody came to interview a candidate who waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from interview.live.rows import current_row
from interview.models import Interview, Notification
from interview.notifications.reminders import alarms
from interview.services.actions import allowed, perform
from jobs.models import Campaign
from tests.factories import make_interview

pytestmark = pytest.mark.django_db

MISSING = "interviewer_missing"


@pytest.fixture
def waiting(campaign: Campaign, lin: User, wu: User) -> Interview:
    """The candidate has arrived for an interview that began a minute ago."""
    began = timezone.now() - timedelta(minutes=1)
    return make_interview(campaign=campaign, interviewers=[wu], status="arrived", starts_at=began)


def take(action: str, interview: Interview, by: User, **data: Any) -> Interview:
    version = Interview.objects.get(pk=interview.pk).version
    return perform(
        action=action,
        interview_id=interview.pk,
        by=by,
        source="test",
        data={"version": version, **data},
    )


def is_flagged(interview: Interview) -> bool:
    return MISSING in current_row(Interview.objects.get(pk=interview.pk))["flags"]


def test_a_report_raises_the_flag_at_once_and_tells_the_coordinators(
    waiting: Interview, lin: User
) -> None:
    assert not is_flagged(waiting), "the configured minutes are not over"
    take("report-missing", waiting, lin)
    assert is_flagged(waiting)
    alarms.raise_alarms(timezone.now() - timedelta(minutes=1), timezone.now())
    assert Notification.objects.filter(event="late", recipient=lin, interview=waiting).exists()


def test_it_is_offered_once_and_only_while_the_candidate_waits(
    waiting: Interview, lin: User, wu: User
) -> None:
    assert "report-missing" in allowed(lin, waiting)
    assert "report-missing" not in allowed(wu, waiting)
    with pytest.raises(PermissionDenied):
        take("report-missing", waiting, wu)
    reported = take("report-missing", waiting, lin)
    assert "report-missing" not in allowed(lin, reported)


@pytest.mark.parametrize(
    "answer", ["running-late", "accept", "start", "reassign", "reschedule", "undo"]
)
def test_the_report_ends_when_somebody_answers_or_comes(
    waiting: Interview, lin: User, wu: User, zhao: User, answer: str
) -> None:
    take("report-missing", waiting, lin)
    by = wu if answer in {"running-late", "accept"} else lin
    later = timezone.now() + timedelta(hours=2)
    data = {
        "running-late": {"minutes": 10},
        "reassign": {"remove": [wu.pk], "add": [zhao.pk], "reason": "Nobody came"},
        "reschedule": {
            "starts_at": later,
            "ends_at": later + timedelta(hours=1),
            "reason": "Nobody came",
        },
    }
    take(answer, waiting, by, **data.get(answer, {}))
    assert not is_flagged(waiting)
    assert Interview.objects.get(pk=waiting.pk).side == ""
