"""Reassigning interviewers: who can be added and removed, and who is notified."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from interview import services
from interview.models import Interview, Notification
from interview.rules.limits import DAILY_LOAD_LIMIT
from interview.services.transitions import Actor
from realtime.log import topics
from tests.factories import (
    NOBODY,
    bring_to,
    make_assignment,
    make_interview,
    make_interviewer,
    make_scorecard,
)
from tests.support.product.relay import publish_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def reassign(interview: Interview, **fields) -> Interview:
    version = Interview.objects.get(pk=interview.pk).version
    return services.interview_reassign(
        interview_id=interview.pk, version=version, actor=NOBODY, **fields
    )


def refused_fields(interview: Interview, **fields) -> set[str]:
    with pytest.raises(ValidationError) as refusal:
        reassign(interview, **fields)
    return set(refusal.value.message_dict)


def interviewers_of(interview: Interview) -> set[User]:
    return {part.interviewer for part in Interview.objects.get(pk=interview.pk).assignments.all()}


def notices_to(person: User, event: str) -> int:
    return Notification.objects.filter(recipient=person, event=event).count()


def test_removed_and_added_interviewers_are_notified_once_each(wu, zhao):
    interview = make_interview(interviewers=[wu])
    reassign(interview, remove=[wu], add=[zhao])
    assert interviewers_of(interview) == {zhao}
    assert (notices_to(wu, "unassigned"), notices_to(zhao, "assigned")) == (1, 1)
    assert notices_to(wu, "assigned") == 1, "only for the original assignment"


def test_the_interview_disappears_from_the_removed_interviewers_page(wu, zhao):
    interview = make_interview(interviewers=[wu])
    publish_all()
    reassign(interview, remove=[wu], add=[zhao])
    key = f"interview:{interview.pk}"
    batches = publish_all()
    to_wu = [b for b in batches if b.topic == topics.person(wu.pk)]
    assert any('"row":null' in b.changes[key] for b in to_wu if key in b.changes)


def test_adding_an_interviewer_keeps_the_others(wu, zhao):
    interview = make_interview(interviewers=[wu])
    reassign(interview, add=[zhao])
    assert interviewers_of(interview) == {wu, zhao}
    assert notices_to(wu, "assigned") == 1


def test_the_last_interviewer_cannot_be_removed(wu):
    interview = make_interview(interviewers=[wu])
    assert refused_fields(interview, remove=[wu]) == {"remove"}
    assert interviewers_of(interview) == {wu}


def test_an_interviewer_cannot_be_replaced_by_themselves(wu):
    interview = make_interview(interviewers=[wu])
    assert refused_fields(interview, remove=[wu], add=[wu], reason="Odd") == {"remove"}
    assert interviewers_of(interview) == {wu}


def test_a_reassignment_must_add_or_remove_somebody(wu):
    assert refused_fields(make_interview(interviewers=[wu])) == {"add"}


def test_only_interviewers_can_be_added_and_only_assigned_ones_removed(wu, zhao, sun):
    interview = make_interview(interviewers=[wu])
    assert refused_fields(interview, add=[sun]) == {"add"}
    assert refused_fields(interview, remove=[zhao], add=[make_interviewer()]) == {"remove"}


def test_an_interviewer_with_a_scorecard_cannot_be_removed(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="in_progress")
    make_scorecard(interview=interview, interviewer=wu, is_final=False)
    assert refused_fields(interview, remove=[wu]) == {"remove"}


def test_a_booked_interviewer_can_be_added_only_with_a_reason(wu, zhao):
    interview = make_interview(interviewers=[wu])
    make_interview(interviewers=[zhao], starts_at=interview.starts_at)
    assert refused_fields(interview, add=[zhao]) == {"add"}
    reassign(interview, add=[zhao], reason="The other interview ends early")
    assert interviewers_of(interview) == {wu, zhao}


def test_a_completed_interview_cannot_be_reassigned(wu, zhao):
    interview = make_interview(interviewers=[wu], status="completed")
    assert refused_fields(interview, add=[zhao]) == {"status"}


def test_suggestions_list_free_and_least_loaded_interviewers_first(wu, zhao, clock):
    busy, loaded, idle = make_interviewer(), make_interviewer(), make_interviewer()
    interview = make_interview(interviewers=[wu], starts_at=clock.now() + timedelta(hours=1))
    make_interview(interviewers=[busy], starts_at=interview.starts_at)
    make_interview(interviewers=[loaded], starts_at=interview.ends_at)
    suggestions = services.suggest_interviewers(interview)
    order = [one["id"] for one in suggestions]
    assert wu.pk not in order
    assert order.index(idle.pk) < order.index(loaded.pk) < order.index(busy.pk)
    by_id = {one["id"]: one for one in suggestions}
    assert (by_id[busy.pk]["is_free"], by_id[loaded.pk]["is_free"]) == (False, True)
    assert (by_id[idle.pk]["load"], by_id[loaded.pk]["load"]) == (0, 1)


def test_suggestions_say_who_can_be_added_only_with_a_reason(wu, clock):
    """The same conflicts as those that refuse the reassignment: a short break, a full day."""
    close, early, full = (make_interviewer() for _ in range(3))
    interview = make_interview(interviewers=[wu], starts_at=clock.now() + HOUR / 2)
    make_interview(interviewers=[close], starts_at=interview.ends_at)
    running = make_interview(interviewers=[early], starts_at=clock.now(), status="in_progress")
    services.interview_finish(interview_id=running.pk, version=running.version, actor=NOBODY)
    for number in range(DAILY_LOAD_LIMIT):
        start = interview.ends_at + (number * 2 + 1) * HOUR / 6
        make_interview(interviewers=[full], starts_at=start, ends_at=start + HOUR / 6)
    suggested = {one["id"]: one for one in services.suggest_interviewers(interview)}
    assert all(suggested[one.pk]["is_free"] for one in (close, early, full))
    needing = {one.pk for one in (close, early, full) if suggested[one.pk]["needs_reason"]}
    assert needing == {close.pk, full.pk}
    for person in (close, full):
        assert refused_fields(interview, add=[person]) == {"add"}
    reassign(interview, add=[early])


def test_an_interviewer_who_declined_another_interview_is_free(wu, zhao):
    interview = make_interview(interviewers=[wu])
    other = make_interview(interviewers=[zhao], starts_at=interview.starts_at)
    make_assignment(interview=other)
    services.interview_decline(
        interview_id=other.pk,
        version=Interview.objects.get(pk=other.pk).version,
        reason="Ill",
        actor=Actor(user=zhao, source="page"),
    )
    reassign(interview, add=[zhao])
    assert interviewers_of(interview) == {wu, zhao}
    bring_to(Interview.objects.get(pk=interview.pk), "confirmed")
