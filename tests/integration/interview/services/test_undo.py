"""Undo reverts the last action within ten minutes, entirely or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from interview import services
from interview.models import Interview, Notification
from interview.services import StaleVersion
from interview.services.actions import allowed
from interview.services.transitions import UNDO_FIELDS, Actor
from interview.services.undo import undoable_steps
from tests.factories import (
    NOBODY,
    bring_to,
    make_interview,
    make_interviewer,
    make_room,
    make_scorecard,
)

pytestmark = pytest.mark.django_db


def undo(interview: Interview, version: int | None = None) -> Interview:
    return services.interview_undo(
        interview_id=interview.pk,
        version=version or Interview.objects.get(pk=interview.pk).version,
        actor=NOBODY,
    )


def undoable_state(interview: Interview) -> dict:
    fresh = Interview.objects.get(pk=interview.pk)
    parts = fresh.assignments.order_by("interviewer")
    return {name: getattr(fresh, name) for name in UNDO_FIELDS} | {
        "parts": list(parts.values_list("interviewer", "response", "late_minutes"))
    }


def decline(interview: Interview, person) -> Interview:
    return services.interview_decline(
        interview_id=interview.pk, version=interview.version, reason="Ill",
        actor=Actor(user=person, source="page"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "service", "fields"),
    [
        ("scheduled", "confirm", {}),
        ("confirmed", "check_in", {}),
        ("arrived", "start", {}),
        ("in_progress", "finish", {}),
        ("confirmed", "cancel", {"reason": "Ill", "side": "candidate"}),
        ("arrived", "no_show", {"side": "interviewer"}),
    ],
)
def test_undo_restores_all_fields_with_a_higher_version(before, service, fields):
    """Browsers apply a row only if its version is higher than the one they have."""
    interview = make_interview(status=before)
    original = undoable_state(interview)
    perform = getattr(services, f"interview_{service}")
    done = perform(interview_id=interview.pk, version=interview.version, actor=NOBODY, **fields)
    assert undoable_state(interview) != original
    undone = undo(interview)
    assert undoable_state(interview) == original
    assert undone.version == done.version + 1
    assert undone.events.last().action == "undo"


def test_undo_restores_a_replaced_interviewer_with_their_response(wu, zhao):
    interview = make_interview(interviewers=[wu])
    interview = services.interview_accept(
        interview_id=interview.pk, version=1, actor=Actor(user=wu, source="page")
    )
    original = undoable_state(interview)
    services.interview_reassign(
        interview_id=interview.pk, version=2, remove=[wu], add=[zhao], reason="Swap", actor=NOBODY
    )
    undo(interview)
    assert undoable_state(interview) == original
    assert list(interview.assignments.values_list("response", flat=True)) == ["accepted"]


def test_undo_restores_an_interviewer_who_declined(wu):
    interview = make_interview(interviewers=[wu])
    original = undoable_state(interview)
    decline(interview, wu)
    undo(interview)
    assert undoable_state(interview) == original


def test_several_actions_can_be_undone_one_after_another(clock):
    interview = make_interview(status="arrived")
    assert undo(interview).status == "confirmed"
    assert undo(interview).status == "scheduled"
    with pytest.raises(ValidationError):
        undo(interview)


def test_after_ten_minutes_an_action_can_no_longer_be_undone(clock):
    interview = make_interview(status="arrived")
    clock.shift(minutes=10, seconds=1)
    with pytest.raises(ValidationError) as refused:
        undo(interview)
    assert set(refused.value.message_dict) == {"status"}
    assert Interview.objects.get(pk=interview.pk).status == "arrived"


def test_undo_with_a_stale_version_is_refused():
    interview = make_interview(status="arrived")
    with pytest.raises(StaleVersion):
        undo(interview, version=interview.version - 1)


def test_a_completed_interview_cannot_be_undone(wu):
    interview = make_interview(interviewers=[wu], status="feedback_due")
    make_scorecard(interview=interview, interviewer=wu)
    with pytest.raises(ValidationError):
        undo(interview)


def test_undoing_a_cancellation_notifies_the_interviewers_again(wu):
    interview = make_interview(interviewers=[wu], status="cancelled")
    notices = Notification.objects.filter(recipient=wu, event="assigned")
    assert notices.count() == 1
    undo(interview)
    assert notices.count() == 2


def test_undo_is_refused_if_the_room_is_occupied_in_the_meantime(campaign):
    room = make_room(campaign=campaign)
    interview = make_interview(campaign=campaign, room=room)
    bring_to(interview, "cancelled")
    make_interview(campaign=campaign, room=room, starts_at=interview.starts_at)
    with pytest.raises(ValidationError) as refused:
        undo(interview)
    assert set(refused.value.message_dict) == {"room"}
    assert Interview.objects.get(pk=interview.pk).status == "cancelled"


def test_coordinators_are_offered_undo_for_ten_minutes(campaign, lin, clock):
    interview = make_interview(campaign=campaign, status="arrived")
    assert "undo" in allowed(lin, interview)
    clock.shift(minutes=11)
    assert "undo" not in allowed(lin, interview)


@pytest.mark.parametrize("minutes", [20, -20])
def test_undoing_any_interview_of_a_shift_undoes_the_whole_shift(campaign, minutes):
    room = make_room(campaign=campaign)
    tomorrow = timezone.localtime() + timedelta(days=1)
    start = tomorrow.replace(
        hour=10, minute=0, second=0, microsecond=0
    )  # later, midnight could end the shift
    queue = [
        make_interview(campaign=campaign, room=room, starts_at=start + timedelta(hours=number))
        for number in range(3)
    ]
    services.room_shift(room=room, minutes=minutes, from_=start, actor=NOBODY)
    undo(queue[1])
    for interview in queue:
        assert Interview.objects.get(pk=interview.pk).starts_at == interview.starts_at


def test_a_shift_is_not_undone_if_one_interview_has_changed_since(campaign, clock):
    room = make_room(campaign=campaign)
    first = make_interview(campaign=campaign, room=room, starts_at=clock.now())
    second = make_interview(
        campaign=campaign, room=room, starts_at=first.ends_at, interviewers=[make_interviewer()]
    )
    services.room_shift(room=room, minutes=20, from_=first.starts_at, actor=NOBODY)
    bring_to(Interview.objects.get(pk=second.pk), "confirmed")
    with pytest.raises(ValidationError):
        undo(first)
    moved = Interview.objects.get(pk=first.pk).starts_at
    assert moved == first.starts_at + timedelta(minutes=20)


def step(interview: Interview, name: str, person) -> Interview:
    service = getattr(services, f"interview_{name}")
    actor = Actor(user=person, source="page")
    version = Interview.objects.get(pk=interview.pk).version
    return service(interview_id=interview.pk, version=version, actor=actor)


def steps_of(person, interview: Interview) -> list[tuple[str, int]]:
    found = undoable_steps(person, interview.campaign)
    return [(one.event.action, one.version) for one in found]


def test_a_persons_steps_are_known_in_the_order_in_which_they_were_taken(lin, admin, wu):
    interview = make_interview(interviewers=[wu])
    other = make_interview(campaign=interview.campaign)
    step(interview, "check_in", lin)
    step(other, "confirm", lin)
    step(interview, "start", lin)
    step(make_interview(campaign=interview.campaign), "confirm", admin)
    assert steps_of(lin, interview) == [("check-in", 2), ("confirm", 2), ("start", 3)]


def test_steps_before_somebody_elses_are_not_offered_for_undo(lin, admin):
    interview = make_interview()
    step(interview, "check_in", lin)
    step(interview, "start", admin)
    step(interview, "finish", lin)
    assert steps_of(lin, interview) == [("finish", 4)]
    assert steps_of(admin, interview) == []


def test_the_step_before_an_undone_one_is_undone_from_the_present_version(lin):
    interview = make_interview()
    step(interview, "check_in", lin)
    step(interview, "start", lin)
    step(interview, "undo", lin)
    assert steps_of(lin, interview) == [("check-in", 4)]
    step(interview, "start", lin)
    assert steps_of(lin, interview) == [("check-in", 4), ("start", 5)]


def test_steps_older_than_ten_minutes_are_not_offered_for_undo(lin, clock):
    interview = make_interview()
    step(interview, "check_in", lin)
    clock.shift(minutes=9)
    step(interview, "start", lin)
    clock.shift(minutes=2)
    assert steps_of(lin, interview) == [("start", 3)]


def test_a_room_shift_is_one_step_of_the_person(lin):
    room = make_room()
    start = timezone.now() + timedelta(days=7)
    first = make_interview(room=room, campaign=room.campaign, starts_at=start)
    make_interview(room=room, campaign=room.campaign, starts_at=start + timedelta(hours=2))
    actor = Actor(user=lin, source="page")
    services.room_shift(room=room, minutes=15, from_=start, actor=actor)
    assert steps_of(lin, first) == [("shift", 2)]
