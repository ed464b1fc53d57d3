"""Every action in every status: transitions in TRANSITIONS succeed, all others are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from interview.models import Interview
from interview.models.states import TRANSITIONS, Status
from interview.services.actions import perform
from tests.factories import make_interview

pytestmark = pytest.mark.django_db

FIELDS = {
    "no-show": {"side": "interviewer"},
    "cancel": {"reason": "Ill", "side": "candidate"},
    "decline": {"reason": "Ill"},
    "offer-times": {"starts": ["2031-11-26T10:00:00+08:00"]},
    "excuse": {"reason": "Exam that day"},
    "running-late": {"minutes": 5},
}
INTERVIEWER_ACTIONS = {"start", "finish", "accept", "decline", "running-late", "not-attended"}
TESTED_ELSEWHERE = {"reschedule", "reassign", "complete"}
ACTIONS = sorted(TRANSITIONS.keys() - TESTED_ELSEWHERE)


@pytest.mark.parametrize("status", Status.values)
def test_only_the_declared_transitions_are_possible(status, campaign, lin, wu, zhao):
    for number, action in enumerate(ACTIONS):
        interview = make_interview(campaign=campaign, status=status, interviewers=[wu, zhao])
        by = wu if action in INTERVIEWER_ACTIONS else lin
        allowed_from, to = TRANSITIONS[action]
        data = {"version": interview.version} | FIELDS.get(action, {})

        def act(action=action, interview=interview, by=by, data=data) -> Interview:
            return perform(
                action=action, interview_id=interview.pk, by=by, source="test", data=data
            )

        if interview.status in allowed_from:
            after = act()
            assert after.status == (to or status), (action, number)
            assert after.version == interview.version + 1
            event = after.events.last()
            assert (event.action, event.by, event.from_status) == (action, by, status)
        else:
            with pytest.raises(ValidationError) as refused:
                act()
            assert set(refused.value.message_dict) == {"status"}
            assert Interview.objects.get(pk=interview.pk).version == interview.version
        _move_away(interview)


def _move_away(interview: Interview) -> None:
    """Move the interview to another day, so that Wu is free for the next one."""
    current = Interview.objects.get(pk=interview.pk)
    current.starts_at -= timedelta(days=interview.pk)
    current.ends_at -= timedelta(days=interview.pk)
    current.save()
