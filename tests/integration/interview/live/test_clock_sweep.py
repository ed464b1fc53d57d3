"""The clock alone changes boards: flags, delays and counters arrive without anybody acting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interview import services, tasks
from interview.live.clock_sweep import flags_changed_between
from interview.models import Interview
from interview.rules.flags import flags_of
from realtime.log import reader, topics
from tests.factories import NOBODY, bring_to, make_interview, make_room
from tests.support.clients.board import Board
from tests.support.product.relay import publish_all

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def swept(clock):
    """A sweep has just been made."""
    tasks.sweep_clock()
    publish_all()


def watch(campaign) -> Board:
    publish_all()
    return Board.from_snapshot(reader.take_snapshot(topics.board(campaign.slug)))


def sweep(board: Board, campaign) -> Board:
    """What the board shows after the next sweep."""
    tasks.sweep_clock()
    for batch in publish_all(topics.board(campaign.slug)):
        board = board.apply(batch)
    return board


def fresh(campaign) -> dict:
    return Board.from_snapshot(reader.take_snapshot(topics.board(campaign.slug))).rows


def test_a_card_becomes_late_on_a_watching_board_without_anybody_doing_anything(campaign, clock):
    interview = make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    bring_to(interview, "confirmed")
    board = watch(campaign)
    key = f"interview:{interview.pk}"
    assert board.rows[key]["flags"] == []

    clock.shift(minutes=59, seconds=55)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == []

    clock.shift(seconds=10)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == ["late"]
    assert board.rows["counter:late"]["value"] == 1

    clock.shift(minutes=5)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == ["late", "candidate_missing"]
    assert board.rows == fresh(campaign)


def test_a_sweep_at_the_very_boundary_does_not_lose_the_flag(campaign, clock):
    """At the start itself nothing is late yet; the next sweep must still see the boundary."""
    interview = bring_to(make_interview(campaign=campaign, starts_at=clock.now() + HOUR), "arrived")
    board = watch(campaign)
    clock.shift(hours=1)
    board = sweep(board, campaign)
    assert board.rows[f"interview:{interview.pk}"]["flags"] == []
    clock.shift(seconds=10)
    board = sweep(board, campaign)
    assert board.rows[f"interview:{interview.pk}"]["flags"] == ["late"]


def test_a_room_that_runs_late_pushes_its_queue_on_minute_by_minute(campaign, clock):
    room = make_room(campaign=campaign)
    first = make_interview(campaign=campaign, room=room, starts_at=clock.now())
    following = make_interview(campaign=campaign, room=room, starts_at=clock.now() + HOUR)
    bring_to(first, "in_progress")
    board = watch(campaign)
    clock.shift(minutes=60)
    board = sweep(board, campaign)
    for minute in range(1, 5):
        clock.shift(minutes=1)
        board = sweep(board, campaign)
        expected = following.starts_at + timedelta(minutes=minute)
        shown = board.rows[f"interview:{following.pk}"]["expected_at"]
        assert datetime.fromisoformat(shown) == expected
        assert board.rows[f"room:{room.pk}"]["delay_minutes"] == minute
        assert board.rows == fresh(campaign)


def test_whatever_the_clock_changes_a_watching_board_is_as_a_fresh_one(campaign, clock):
    """A whole day of sweeps, one a minute of those that matter, across every status."""
    for offset, status in enumerate(
        ["scheduled", "confirmed", "arrived", "in_progress", "feedback_due", "completed"]
    ):
        starts_at = clock.now() + timedelta(minutes=20 * offset)
        bring_to(make_interview(campaign=campaign, starts_at=starts_at), status)
    make_interview(campaign=campaign, starts_at=clock.now() + timedelta(hours=24, minutes=7))
    board = watch(campaign)
    for minutes in (1, 4, 2, 10, 5, 30, 13, 60, 61, 1, 240, 360, 700):
        clock.shift(minutes=minutes)
        board = sweep(board, campaign)
        assert board.rows == fresh(campaign)


def test_a_night_without_sweeps_leaves_no_delay_of_yesterday(campaign, clock):
    """Beat was down from the afternoon on: the room's delay ended with its day all the same."""
    room = make_room(campaign=campaign)
    bring_to(make_interview(campaign=campaign, room=room, starts_at=clock.now()), "confirmed")
    board = watch(campaign)
    clock.shift(hours=3)
    board = sweep(board, campaign)
    assert board.rows[f"room:{room.pk}"]["delay_minutes"] == 180
    clock.shift(hours=23)
    board = sweep(board, campaign)
    assert board.rows[f"room:{room.pk}"]["delay_minutes"] == 0
    assert board.rows == fresh(campaign)


def test_no_flag_turns_without_being_swept(campaign, clock):
    """Every interview whose flags differ between two moments is in the window between them."""
    for offset, status in enumerate(
        ["scheduled", "confirmed", "arrived", "in_progress", "feedback_due", "no_show", "cancelled"]
    ):
        starts_at = clock.now() + timedelta(minutes=10 * offset)
        bring_to(make_interview(campaign=campaign, starts_at=starts_at), status)
    interviews = list(Interview.objects.prefetch_related("assignments"))
    turned = 0
    moment = clock.now() - timedelta(hours=25)
    while moment < clock.now() + timedelta(hours=4):
        later = moment + timedelta(minutes=7)
        swept = set(flags_changed_between(moment, later).values_list("pk", flat=True))
        for one in interviews:
            before = flags_of(one, now=moment, has_clash=False)
            after = flags_of(one, now=later, has_clash=False)
            if before != after:
                turned += 1
                assert one.pk in swept, (one.status, moment, before, after)
        moment = later
    assert turned >= 8


def test_at_midnight_where_the_campaign_is_its_counters_begin_anew(campaign, clock):
    make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    board = watch(campaign)
    assert board.rows["counter:today"]["value"] == 1
    clock.set(datetime(2026, 11, 25, 15, 59, 55, tzinfo=UTC))
    board = sweep(board, campaign)
    assert board.rows["counter:today"]["day"] == "2026-11-25"
    clock.shift(seconds=10)
    board = sweep(board, campaign)
    assert board.rows["counter:today"]["day"] == "2026-11-26"
    assert board.rows["counter:today"]["value"] == 0
    assert board.rows == fresh(campaign)


def test_nothing_is_announced_while_the_clock_changes_nothing(campaign, clock):
    bring_to(make_interview(campaign=campaign, starts_at=clock.now() + 3 * HOUR), "confirmed")
    publish_all()
    clock.shift(minutes=2)
    tasks.sweep_clock()
    assert publish_all() == []


def test_a_sweep_that_dies_before_it_commits_is_made_up_for(campaign, clock, monkeypatch):
    interview = make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    board = watch(campaign)
    clock.shift(minutes=61)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "record_time_changes", lambda since, now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tasks.sweep_clock()
    clock.shift(seconds=10)
    board = sweep(board, campaign)
    assert "late" in board.rows[f"interview:{interview.pk}"]["flags"]


def test_sweeping_costs_the_same_for_two_interviews_and_for_twenty(campaign, clock):
    def queries() -> int:
        clock.shift(minutes=1)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            tasks.sweep_clock()
        return len(captured)

    room = make_room(campaign=campaign)
    starts = clock.now() - timedelta(minutes=1)
    for number in range(2):
        make_interview(campaign=campaign, starts_at=starts - timedelta(minutes=number))
    few = queries()
    for number in range(18):
        make_interview(campaign=campaign, starts_at=starts - timedelta(minutes=number))
    assert room.pk
    assert queries() == few


def test_a_finished_interview_turns_overdue_an_hour_after_its_end(campaign, clock):
    interview = bring_to(make_interview(campaign=campaign, starts_at=clock.now()), "in_progress")
    clock.shift(minutes=50)
    services.interview_finish(interview_id=interview.pk, version=interview.version, actor=NOBODY)
    board = watch(campaign)
    tasks.sweep_clock()
    clock.shift(minutes=61)
    board = sweep(board, campaign)
    assert timezone.now() - interview.starts_at > HOUR
    assert board.rows[f"interview:{interview.pk}"]["flags"] == ["feedback_overdue"]
