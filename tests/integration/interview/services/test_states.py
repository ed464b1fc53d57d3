"""Every action in every status: transitions in TRANSITIONS succeed, all others are refused."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

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
    interview = make_interview(campaign=campaign, status=status, interviewers=[wu, zhao])
    assert interview.status == status
    for action in ACTIONS:
        by = wu if action in INTERVIEWER_ACTIONS else lin
        with transaction.atomic():
            _try(action, interview, by)
            transaction.set_rollback(True)


def _try(action, interview, by):
    """Performs the action; asserts that it succeeds exactly if TRANSITIONS allows it."""
    allowed_from, to = TRANSITIONS[action]
    data = {"version": interview.version} | FIELDS.get(action, {})

    def act() -> Interview:
        return perform(action=action, interview_id=interview.pk, by=by, source="test", data=data)

    if interview.status in allowed_from:
        after = act()
        assert after.status == (to or interview.status), action
        assert after.version == interview.version + 1
        event = after.events.last()
        assert (event.action, event.by, event.from_status) == (action, by, interview.status)
    else:
        with pytest.raises(ValidationError) as refused:
            act()
        assert set(refused.value.message_dict) == {"status"}, action
        assert Interview.objects.get(pk=interview.pk).version == interview.version
