"""Interviewers are swapped: who may come, who may go, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from interview import services
from interview.models import Interview, Notification
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


def reassign(interview: Interview, **said) -> Interview:
    version = Interview.objects.get(pk=interview.pk).version
    return services.interview_reassign(
        interview_id=interview.pk, version=version, actor=NOBODY, **said
    )


def refused(interview: Interview, **said) -> set[str]:
    with pytest.raises(ValidationError) as refusal:
        reassign(interview, **said)
    return set(refusal.value.message_dict)


def people(interview: Interview) -> set[User]:
    return {part.interviewer for part in Interview.objects.get(pk=interview.pk).assignments.all()}


def told(person: User, event: str) -> int:
    return Notification.objects.filter(recipient=person, event=event).count()


def test_who_leaves_and_who_comes_are_told_once_each(wu, zhao):
    interview = make_interview(interviewers=[wu])
    reassign(interview, remove=[wu], add=[zhao])
    assert people(interview) == {zhao}
    assert (told(wu, "unassigned"), told(zhao, "assigned")) == (1, 1)
    assert told(wu, "assigned") == 1, "from before"


def test_the_page_of_who_left_loses_the_card(wu, zhao):
    interview = make_interview(interviewers=[wu])
    publish_all()
    reassign(interview, remove=[wu], add=[zhao])
    key = f"interview:{interview.pk}"
    batches = publish_all()
    mine = [b for b in batches if b.topic == topics.person(wu.pk)]
    assert any('"row":null' in b.changes[key] for b in mine if key in b.changes)


def test_adding_keeps_who_is_there(wu, zhao):
    interview = make_interview(interviewers=[wu])
    reassign(interview, add=[zhao])
    assert people(interview) == {wu, zhao}
    assert told(wu, "assigned") == 1


def test_somebody_stays(wu):
    interview = make_interview(interviewers=[wu])
    assert refused(interview, remove=[wu]) == {"remove"}
    assert people(interview) == {wu}


def test_nobody_is_swapped_for_himself(wu):
    interview = make_interview(interviewers=[wu])
    assert refused(interview, remove=[wu], add=[wu], reason="Odd") == {"remove"}
    assert people(interview) == {wu}


def test_a_swap_names_somebody(wu):
    assert refused(make_interview(interviewers=[wu])) == {"add"}


def test_only_interviewers_come_and_only_who_is_there_leaves(wu, zhao, sun):
    interview = make_interview(interviewers=[wu])
    assert refused(interview, add=[sun]) == {"add"}
    assert refused(interview, remove=[zhao], add=[make_interviewer()]) == {"remove"}


def test_one_with_a_scorecard_does_not_leave(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao], status="in_progress")
    make_scorecard(interview=interview, interviewer=wu, is_final=False)
    assert refused(interview, remove=[wu]) == {"remove"}


def test_a_booked_colleague_comes_only_with_a_reason(wu, zhao):
    interview = make_interview(interviewers=[wu])
    make_interview(interviewers=[zhao], starts_at=interview.starts_at)
    assert refused(interview, add=[zhao]) == {"add"}
    reassign(interview, add=[zhao], reason="He leaves the other early")
    assert people(interview) == {wu, zhao}


def test_an_interview_that_is_over_is_not_reassigned(wu, zhao):
    interview = make_interview(interviewers=[wu], status="completed")
    assert refused(interview, add=[zhao]) == {"status"}


def test_suggestions_put_the_free_and_least_loaded_first(wu, zhao, clock):
    busy, loaded, idle = make_interviewer(), make_interviewer(), make_interviewer()
    interview = make_interview(interviewers=[wu], starts_at=clock.now() + timedelta(hours=1))
    make_interview(interviewers=[busy], starts_at=interview.starts_at)
    make_interview(interviewers=[loaded], starts_at=interview.ends_at)
    found = services.suggest_interviewers(interview)
    order = [one["id"] for one in found]
    assert wu.pk not in order
    assert order.index(idle.pk) < order.index(loaded.pk) < order.index(busy.pk)
    by_id = {one["id"]: one for one in found}
    assert (by_id[busy.pk]["is_free"], by_id[loaded.pk]["is_free"]) == (False, True)
    assert (by_id[idle.pk]["load"], by_id[loaded.pk]["load"]) == (0, 1)


def test_one_who_declined_elsewhere_is_free(wu, zhao):
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
    assert people(interview) == {wu, zhao}
    bring_to(Interview.objects.get(pk=interview.pk), "confirmed")
