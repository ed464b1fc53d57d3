"""Shifting all later interviews of a room: preview, all or nothing, notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY

from interview import services
from interview.models import Interview, InterviewEvent, Notification, Room
from tests.factories import NOBODY, bring_to, make_interview, make_room
from tests.support.product.day_topics import todays_board
from tests.support.product.relay import publish_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def room(campaign):
    return make_room(campaign=campaign)


@pytest.fixture
def queue(room, clock, wu):
    """Three interviews in the room, one after the other; Wu conducts the last."""
    return [
        make_interview(
            room=room,
            starts_at=clock.now() + HOUR * number,
            interviewers=[wu] if number == 3 else None,
        )
        for number in (1, 2, 3)
    ]


def starts(queue: list[Interview]) -> list[datetime]:
    return [Interview.objects.get(pk=interview.pk).starts_at for interview in queue]


def shift(room: Room, minutes: int, from_: datetime, **options: bool):
    return services.room_shift(room=room, minutes=minutes, from_=from_, actor=NOBODY, **options)


def test_a_shift_moves_all_interviews_from_a_time_on_and_none_before(room, queue):
    moved = shift(room, 15, queue[1].starts_at)
    assert [one.interview for one in moved] == queue[1:]
    before = [interview.starts_at for interview in queue]
    assert starts(queue) == [before[0], before[1] + QUARTER, before[2] + QUARTER]
    lengths = [i.ends_at - i.starts_at for i in Interview.objects.all()]
    assert lengths == [HOUR] * 3


def test_a_preview_returns_the_new_times_and_changes_nothing(room, queue):
    publish_all()
    preview = shift(room, 15, queue[0].starts_at, is_preview=True)
    assert [one.new_starts_at - one.starts_at for one in preview] == [QUARTER] * 3
    assert starts(queue) == [interview.starts_at for interview in queue]
    assert publish_all() == []
    assert not InterviewEvent.objects.filter(action="shift").exists()


def test_a_shift_notifies_interviewers_and_is_recorded_on_each_interview(room, queue, wu):
    shift(room, 15, queue[0].starts_at)
    assert Notification.objects.filter(recipient=wu, event="moved").count() == 1
    events = InterviewEvent.objects.filter(action="shift")
    assert events.count() == 3
    assert len({event.batch for event in events}) == 1
    assert publish_all(todays_board(room.campaign))


def test_a_shift_is_counted_once_it_is_committed_and_a_preview_is_not(
    room, queue, django_capture_on_commit_callbacks
):
    before = REGISTRY.get_sample_value("recruit_room_shifts_total")
    with django_capture_on_commit_callbacks(execute=True):
        shift(room, 15, queue[0].starts_at, is_preview=True)
    assert REGISTRY.get_sample_value("recruit_room_shifts_total") == before
    with django_capture_on_commit_callbacks(execute=True):
        shift(room, 15, queue[0].starts_at)
        assert REGISTRY.get_sample_value("recruit_room_shifts_total") == before
    assert REGISTRY.get_sample_value("recruit_room_shifts_total") == before + 1


def test_interviews_that_have_started_are_not_shifted(room, queue):
    bring_to(queue[0], "in_progress")
    moved = shift(room, 15, queue[0].starts_at)
    assert [one.interview for one in moved] == queue[1:]


def test_other_rooms_and_other_days_are_not_shifted(room, queue, campaign, clock):
    elsewhere = make_interview(campaign=campaign, starts_at=queue[0].starts_at)
    tomorrow = make_interview(room=room, starts_at=queue[0].starts_at + timedelta(days=1))
    shift(room, 15, queue[0].starts_at)
    assert starts([elsewhere, tomorrow]) == [elsewhere.starts_at, tomorrow.starts_at]


def test_the_day_of_a_shift_ends_at_midnight_in_the_campaigns_time_zone(room, clock):
    """22:30 and 01:00 in Beijing are two days, though both are one afternoon in UTC."""
    late = make_interview(room=room, starts_at=datetime(2026, 11, 25, 14, 30, tzinfo=UTC))
    after_midnight = make_interview(room=room, starts_at=datetime(2026, 11, 25, 17, tzinfo=UTC))
    moved = shift(room, 15, late.starts_at)
    assert [one.interview for one in moved] == [late]
    assert after_midnight.starts_at == starts([after_midnight])[0]


def test_a_queue_can_move_earlier_into_slots_of_its_own_interviews(room, queue):
    bring_to(queue[0], "cancelled")
    shift(room, -60, queue[1].starts_at)
    assert starts(queue[1:]) == [interview.starts_at - HOUR for interview in queue[1:]]


def test_if_one_interview_would_overlap_none_is_shifted(room, queue):
    bring_to(queue[0], "in_progress")
    with pytest.raises(ValidationError) as refused:
        shift(room, -15, queue[1].starts_at)
    assert set(refused.value.message_dict) == {"room"}
    assert starts(queue) == [interview.starts_at for interview in queue]
    assert not Notification.objects.filter(event="moved").exists()


@pytest.mark.parametrize("minutes", [0, 241, -241])
def test_a_shift_is_limited_to_four_hours_in_either_direction(room, queue, minutes):
    with pytest.raises(ValidationError) as refused:
        shift(room, minutes, queue[0].starts_at)
    assert set(refused.value.message_dict) == {"minutes"}


def test_a_shift_without_later_interviews_is_refused(room, queue):
    with pytest.raises(ValidationError) as refused:
        shift(room, 15, queue[2].ends_at)
    assert set(refused.value.message_dict) == {"from"}


def test_all_interviews_of_a_shift_are_updated_in_one_statement(room, queue):
    with CaptureQueriesContext(connection) as captured:
        shift(room, 15, queue[0].starts_at)
    updates = [q for q in captured if q["sql"].startswith('UPDATE "interview_interview"')]
    assert len(updates) == 1
