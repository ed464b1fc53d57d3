"""Undo: the last step is taken back for ten minutes, wholly or not at all."""

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


def as_it_was(interview: Interview) -> dict:
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
    ("before", "service", "said"),
    [
        ("scheduled", "confirm", {}),
        ("confirmed", "check_in", {}),
        ("arrived", "start", {}),
        ("in_progress", "finish", {}),
        ("confirmed", "cancel", {"reason": "Ill", "side": "candidate"}),
        ("arrived", "no_show", {"side": "interviewer"}),
    ],
)
def test_undo_puts_everything_back_and_counts_on(before, service, said):
    """The version goes on rising: a watching browser must see the old state as newer."""
    interview = make_interview(status=before)
    was = as_it_was(interview)
    act = getattr(services, f"interview_{service}")
    done = act(interview_id=interview.pk, version=interview.version, actor=NOBODY, **said)
    assert as_it_was(interview) != was
    undone = undo(interview)
    assert as_it_was(interview) == was
    assert undone.version == done.version + 1
    assert undone.events.last().action == "undo"


def test_undo_brings_back_who_was_replaced_and_what_he_had_answered(wu, zhao):
    interview = make_interview(interviewers=[wu])
    interview = services.interview_accept(
        interview_id=interview.pk, version=1, actor=Actor(user=wu, source="page")
    )
    was = as_it_was(interview)
    services.interview_reassign(
        interview_id=interview.pk, version=2, remove=[wu], add=[zhao], reason="Swap", actor=NOBODY
    )
    undo(interview)
    assert as_it_was(interview) == was
    assert list(interview.assignments.values_list("response", flat=True)) == ["accepted"]


def test_undo_takes_a_refusal_to_come_back(wu):
    interview = make_interview(interviewers=[wu])
    was = as_it_was(interview)
    decline(interview, wu)
    undo(interview)
    assert as_it_was(interview) == was


def test_one_undo_after_another_walks_back(clock):
    interview = make_interview(status="arrived")
    assert undo(interview).status == "confirmed"
    assert undo(interview).status == "scheduled"
    with pytest.raises(ValidationError):
        undo(interview)


def test_after_ten_minutes_it_is_history(clock):
    interview = make_interview(status="arrived")
    clock.shift(minutes=10, seconds=1)
    with pytest.raises(ValidationError) as refused:
        undo(interview)
    assert set(refused.value.message_dict) == {"status"}
    assert Interview.objects.get(pk=interview.pk).status == "arrived"


def test_what_has_changed_since_is_not_undone_blindly():
    interview = make_interview(status="arrived")
    with pytest.raises(StaleVersion):
        undo(interview, version=interview.version - 1)


def test_a_completed_interview_stays_completed(wu):
    interview = make_interview(interviewers=[wu], status="feedback_due")
    make_scorecard(interview=interview, interviewer=wu)
    with pytest.raises(ValidationError):
        undo(interview)


def test_undoing_a_cancellation_tells_the_interviewers_again(wu):
    interview = make_interview(interviewers=[wu], status="cancelled")
    notices = Notification.objects.filter(recipient=wu, event="assigned")
    assert notices.count() == 1
    undo(interview)
    assert notices.count() == 2


def test_undo_is_refused_when_the_old_place_was_taken_meanwhile(campaign):
    room = make_room(campaign=campaign)
    interview = make_interview(campaign=campaign, room=room)
    bring_to(interview, "cancelled")
    make_interview(campaign=campaign, room=room, starts_at=interview.starts_at)
    with pytest.raises(ValidationError) as refused:
        undo(interview)
    assert set(refused.value.message_dict) == {"room"}
    assert Interview.objects.get(pk=interview.pk).status == "cancelled"


def test_lin_is_offered_undo_while_it_lasts(campaign, lin, clock):
    interview = make_interview(campaign=campaign, status="arrived")
    assert "undo" in allowed(lin, interview)
    clock.shift(minutes=11)
    assert "undo" not in allowed(lin, interview)


@pytest.mark.parametrize("minutes", [20, -20])
def test_a_shift_is_undone_as_a_whole_whichever_card_one_asks_at(campaign, minutes):
    room = make_room(campaign=campaign)
    tomorrow = timezone.localtime() + timedelta(days=1)
    start = tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)  # a shift ends at midnight
    queue = [
        make_interview(campaign=campaign, room=room, starts_at=start + timedelta(hours=number))
        for number in range(3)
    ]
    services.room_shift(room=room, minutes=minutes, from_=start, actor=NOBODY)
    undo(queue[1])
    for interview in queue:
        assert Interview.objects.get(pk=interview.pk).starts_at == interview.starts_at


def test_a_shift_one_of_whose_cards_has_moved_on_is_not_undone(campaign, clock):
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
