"""The clock sweep publishes flags, delays and counters that change only because time passes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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


FIRST_DAY, SECOND_DAY = date(2026, 11, 25), date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _swept(clock):
    """Every test starts right after a sweep."""
    tasks.sweep_clock()
    publish_all()


def open_board(campaign, day=FIRST_DAY) -> Board:
    """The board of a day as a page shows it that is opened now."""
    publish_all()
    return Board.from_snapshot(reader.take_snapshot(topics.board(campaign.slug, day)))


def sweep(board: Board, campaign, day=FIRST_DAY) -> Board:
    """Run a sweep; return the board of this day with the published changes applied."""
    tasks.sweep_clock()
    return with_changes(board, campaign, day)


def with_changes(board: Board, campaign, day=FIRST_DAY) -> Board:
    for batch in publish_all(topics.board(campaign.slug, day)):
        board = board.apply(batch)
    return board


def fresh_rows(campaign, day=FIRST_DAY) -> dict:
    """The rows that a reload would show."""
    return open_board(campaign, day).rows


def test_an_interview_becomes_late_on_an_open_board_as_time_passes(campaign, clock):
    interview = make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    bring_to(interview, "confirmed")
    board = open_board(campaign)
    key = f"interview:{interview.pk}"
    assert board.rows[key]["flags"] == []

    clock.shift(minutes=61, seconds=55)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == []
    assert board.rows["counter:late"]["value"] == 0

    clock.shift(seconds=10)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == ["late"]
    assert board.rows["counter:late"]["value"] == 1

    clock.shift(minutes=3)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == ["late", "candidate_missing"]
    assert board.rows == fresh_rows(campaign)


def test_a_sweep_exactly_at_the_limit_does_not_lose_the_late_flag(campaign, clock):
    """At the limit itself the interview is not late yet; the next sweep must include that time."""
    interview = bring_to(make_interview(campaign=campaign, starts_at=clock.now() + HOUR), "arrived")
    board = open_board(campaign)
    clock.shift(hours=1, minutes=2)
    board = sweep(board, campaign)
    assert board.rows[f"interview:{interview.pk}"]["flags"] == []
    clock.shift(seconds=10)
    board = sweep(board, campaign)
    assert board.rows[f"interview:{interview.pk}"]["flags"] == ["late"]


def test_an_overrunning_interview_delays_the_next_one_minute_by_minute(campaign, clock):
    room = make_room(campaign=campaign)
    first = make_interview(campaign=campaign, room=room, starts_at=clock.now())
    following = make_interview(campaign=campaign, room=room, starts_at=clock.now() + HOUR)
    bring_to(first, "in_progress")
    board = open_board(campaign)
    clock.shift(minutes=60)
    board = sweep(board, campaign)
    for minute in range(1, 5):
        clock.shift(minutes=1)
        board = sweep(board, campaign)
        expected = following.starts_at + timedelta(minutes=minute)
        shown = board.rows[f"interview:{following.pk}"]["expected_at"]
        assert datetime.fromisoformat(shown) == expected
        assert board.rows[f"room:{room.pk}"]["delay_minutes"] == minute
        assert board.rows == fresh_rows(campaign)


def test_a_delay_travels_from_room_to_room_on_an_open_board(campaign, clock, wu, zhao):
    """A room holds Wu, Wu the next room, that room Zhao, Zhao the last room, minute by minute."""
    rooms = [make_room(campaign=campaign) for _ in range(3)]
    start = clock.now().replace(second=0, microsecond=0) + HOUR
    chain = [
        make_interview(room=rooms[0], starts_at=start, interviewers=[wu]),
        make_interview(room=rooms[1], starts_at=start + HOUR, interviewers=[wu]),
        make_interview(room=rooms[1], starts_at=start + 2 * HOUR, interviewers=[zhao]),
        make_interview(room=rooms[2], starts_at=start + 3 * HOUR, interviewers=[zhao]),
    ]
    clock.set(start)
    bring_to(chain[0], "in_progress")
    tasks.sweep_clock()
    board = open_board(campaign)
    clock.shift(minutes=60)
    for minute in (1, 2):
        clock.shift(minutes=1)
        board = sweep(board, campaign)
        for one in chain[1:]:
            shown = board.rows[f"interview:{one.pk}"]["expected_at"]
            assert datetime.fromisoformat(shown) == one.starts_at + timedelta(minutes=minute)
        assert board.rows[f"room:{rooms[2].pk}"]["delay_minutes"] == minute
        assert board.rows == fresh_rows(campaign)
    services.interview_finish(
        interview_id=chain[0].pk,
        version=Interview.objects.get(pk=chain[0].pk).version,
        actor=NOBODY,
    )
    board = with_changes(board, campaign)
    late = [one.pk for one in chain if board.rows[f"interview:{one.pk}"]["expected_at"]]
    assert late == [chain[1].pk, chain[2].pk, chain[3].pk], "they wait for Wu's next start"
    assert board.rows == fresh_rows(campaign), "without a sweep"


def test_an_interviewer_who_comes_from_another_room_is_missing_some_minutes_later(
    campaign, clock, wu
):
    start = clock.now().replace(second=0, microsecond=0) + HOUR
    first = make_interview(campaign=campaign, starts_at=start - HOUR, interviewers=[wu])
    following = make_interview(campaign=campaign, starts_at=start, interviewers=[wu])
    clock.set(start - HOUR)
    bring_to(first, "in_progress")
    bring_to(following, "arrived")
    tasks.sweep_clock()
    board, key = open_board(campaign), f"interview:{following.pk}"
    clock.shift(minutes=75)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == ["late"], "Wu is still in the other room"
    services.interview_finish(
        interview_id=first.pk, version=Interview.objects.get(pk=first.pk).version, actor=NOBODY
    )
    clock.shift(minutes=4)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == ["late"], "Wu is on the way"
    clock.shift(minutes=2)
    board = sweep(board, campaign)
    assert board.rows[key]["flags"] == ["late", "interviewer_missing"]
    assert board.rows == fresh_rows(campaign)


def test_after_every_sweep_an_open_board_shows_what_a_reload_would_show(campaign, clock):
    """More than a day of sweeps, after intervals in which flags of every status change."""
    for offset, status in enumerate(
        ["scheduled", "confirmed", "arrived", "in_progress", "feedback_due", "completed"]
    ):
        starts_at = clock.now() + timedelta(minutes=20 * offset)
        bring_to(make_interview(campaign=campaign, starts_at=starts_at), status)
    make_interview(campaign=campaign, starts_at=clock.now() + timedelta(hours=24, minutes=7))
    board = open_board(campaign)
    for minutes in (1, 4, 2, 10, 5, 30, 13, 60, 61, 1, 240, 360, 700):
        clock.shift(minutes=minutes)
        board = sweep(board, campaign)
        assert board.rows == fresh_rows(campaign)


def test_after_a_night_without_sweeps_yesterdays_delay_is_gone(campaign, clock):
    """Beat was down from the afternoon on; the delay of a room ends with its day nevertheless."""
    room = make_room(campaign=campaign)
    bring_to(make_interview(campaign=campaign, room=room, starts_at=clock.now()), "confirmed")
    board = open_board(campaign)
    clock.shift(hours=3)
    board = sweep(board, campaign)
    assert board.rows[f"room:{room.pk}"]["delay_minutes"] == 180
    clock.shift(hours=23)
    board = sweep(board, campaign)
    assert board.rows[f"room:{room.pk}"]["delay_minutes"] == 0
    assert board.rows == fresh_rows(campaign)


def test_a_sweep_finds_every_interview_whose_flags_have_changed(campaign, clock):
    """For any two times, it returns all interviews whose flags differ between them."""
    for offset, status in enumerate(
        ["scheduled", "confirmed", "arrived", "in_progress", "feedback_due", "no_show", "cancelled"]
    ):
        starts_at = clock.now() + timedelta(minutes=10 * offset)
        bring_to(make_interview(campaign=campaign, starts_at=starts_at), status)
    interviews = list(Interview.objects.prefetch_related("assignments"))
    changed = 0
    moment = clock.now() - timedelta(hours=25)
    while moment < clock.now() + timedelta(hours=4):
        later = moment + timedelta(minutes=7)
        found = set(flags_changed_between(moment, later).values_list("pk", flat=True))
        for one in interviews:
            before = flags_of(one, now=moment, has_clash=False)
            after = flags_of(one, now=later, has_clash=False)
            if before != after:
                changed += 1
                assert one.pk in found, (one.status, moment, before, after)
        moment = later
    assert changed >= 7


def test_at_midnight_in_the_campaigns_time_zone_what_is_unfinished_moves_to_the_new_day(
    campaign, clock
):
    """Until then the board of the day has yesterday's; afterwards it has its own alone."""
    older = make_interview(campaign=campaign, starts_at=clock.now() - 24 * HOUR)
    bring_to(older, "feedback_due")
    finished = make_interview(campaign=campaign, starts_at=clock.now() - 23 * HOUR)
    bring_to(finished, "completed")
    own = make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    later = make_interview(campaign=campaign, starts_at=clock.now() + 24 * HOUR)
    board, following = open_board(campaign), open_board(campaign, SECOND_DAY)
    assert shown(board) == {older.pk, own.pk}
    assert shown(following) == {later.pk}
    clock.set(datetime(2026, 11, 25, 15, 59, 55, tzinfo=UTC))
    tasks.sweep_clock()
    before = publish_all()
    clock.shift(seconds=10)
    tasks.sweep_clock()
    batches = before + publish_all()
    for batch in batches:
        board = board.apply(batch) if batch.topic == topics.board("autumn", FIRST_DAY) else board
        if batch.topic == topics.board("autumn", SECOND_DAY):
            following = following.apply(batch)
    assert shown(board) == {own.pk}
    assert shown(following) == {older.pk, own.pk, later.pk}
    assert board.rows == fresh_rows(campaign)
    assert following.rows == fresh_rows(campaign, SECOND_DAY)
    assert following.rows["counter:today"]["value"] == 1, "counters are of the day alone"


def shown(board: Board) -> set[int]:
    return {row["id"] for row in board.rows.values() if row["kind"] == "interview"}


def test_an_unfinished_interview_leaves_todays_board_when_it_has_ended(campaign, clock):
    older = make_interview(campaign=campaign, starts_at=clock.now() - 48 * HOUR)
    older = bring_to(older, "confirmed")
    board = open_board(campaign)
    assert shown(board) == {older.pk}
    services.interview_no_show(
        interview_id=older.pk, version=older.version, actor=NOBODY, side="candidate"
    )
    board = with_changes(board, campaign)
    assert shown(board) == set()
    assert board.rows == fresh_rows(campaign)


def test_a_sweep_publishes_nothing_if_nothing_has_changed(campaign, clock):
    bring_to(make_interview(campaign=campaign, starts_at=clock.now() + 3 * HOUR), "confirmed")
    publish_all()
    clock.shift(minutes=2)
    tasks.sweep_clock()
    assert publish_all() == []


def test_the_next_sweep_makes_up_for_one_that_failed(campaign, clock, monkeypatch):
    interview = make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    board = open_board(campaign)
    clock.shift(minutes=63)
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "record_time_changes", lambda since, now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tasks.sweep_clock()
    clock.shift(seconds=10)
    board = sweep(board, campaign)
    assert "late" in board.rows[f"interview:{interview.pk}"]["flags"]


def test_a_sweep_takes_the_same_number_of_queries_for_2_and_6_interviews(campaign, clock):
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
    for number in range(4):
        make_interview(campaign=campaign, starts_at=starts - timedelta(minutes=number))
    assert room.pk
    assert queries() == few


def test_scorecards_become_overdue_an_hour_after_the_interview(campaign, clock):
    interview = bring_to(make_interview(campaign=campaign, starts_at=clock.now()), "in_progress")
    clock.shift(minutes=50)
    services.interview_finish(interview_id=interview.pk, version=interview.version, actor=NOBODY)
    board = open_board(campaign)
    tasks.sweep_clock()
    clock.shift(minutes=61)
    board = sweep(board, campaign)
    assert timezone.now() - interview.starts_at > HOUR
    assert board.rows[f"interview:{interview.pk}"]["flags"] == ["feedback_overdue"]
