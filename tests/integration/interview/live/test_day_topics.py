"""Boards, walls and own lists show their days: moves between days, and time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interview import services, tasks
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.log import changes, reader, topics
from realtime.relay.numbering import assign_positions, render_batches
from tests.factories import make_interview, make_room
from tests.support.clients.board import Board
from tests.support.product.clock import Clock
from tests.support.product.day_topics import todays_board
from tests.support.product.relay import publish_all

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)
EVENING = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
"""23:30 in Beijing: half an hour before the campaign's midnight."""


@pytest.fixture(autouse=True)
def evening(clock: Clock) -> None:
    clock.set(EVENING)
    tasks.sweep_clock()
    publish_all()


def ids(topic: str) -> set[int]:
    rows = reader.take_snapshot(topic).rows
    return {row["id"] for row in rows if row["kind"] == "interview"}


def move(interview: Interview, *, to: datetime, lin: User) -> None:
    services.interview_reschedule(
        interview_id=interview.pk,
        version=interview.version,
        actor=Actor(user=lin, source="test"),
        starts_at=to,
        ends_at=to + HOUR,
        reason="The candidate's train",
    )


def test_a_move_across_midnight_is_a_removal_and_an_addition_in_one_transaction(
    campaign: Campaign, lin: User
) -> None:
    interview = make_interview(campaign=campaign, starts_at=EVENING + timedelta(minutes=20))
    names = [topics.board("autumn", TODAY), topics.board("autumn", TOMORROW)]
    names += [topics.wall("autumn", TODAY), topics.wall("autumn", TOMORROW)]
    publish_all()
    boards = {name: Board.from_snapshot(reader.take_snapshot(name)) for name in names}
    move(interview, to=EVENING + timedelta(minutes=50), lin=lin)
    numbered = assign_positions()
    assert set(names) <= {part.topic for part in numbered}, "numbered together"
    for batch in render_batches(numbered, lambda found: found):
        if batch.topic in boards:
            boards[batch.topic] = boards[batch.topic].apply(batch)
    key = f"interview:{interview.pk}"
    assert [key in boards[name].rows for name in names] == [False, True, False, True]
    for name, board in boards.items():
        assert board.rows == Board.from_snapshot(reader.take_snapshot(name)).rows


def test_the_day_is_the_campaigns_and_not_the_servers(campaign: Campaign) -> None:
    late = make_interview(campaign=campaign, starts_at=EVENING + 10 * timedelta(minutes=1))
    early = make_interview(campaign=campaign, starts_at=EVENING + HOUR)
    assert late.starts_at.date() == early.starts_at.date(), "the premise: one day in UTC"
    assert ids(topics.board("autumn", TODAY)) == {late.pk}
    assert ids(topics.board("autumn", TOMORROW)) == {early.pk}


def test_a_new_time_zone_moves_interviews_between_open_boards(campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign, starts_at=EVENING + HOUR)
    publish_all()
    names = [topics.board("autumn", TODAY), topics.board("autumn", TOMORROW)]
    boards = {name: Board.from_snapshot(reader.take_snapshot(name)) for name in names}
    campaign.time_zone = "Europe/Berlin"  # 17:30 on the same day
    campaign.save()
    for batch in publish_all():
        if batch.topic in boards:
            boards[batch.topic] = boards[batch.topic].apply(batch)
    key = f"interview:{interview.pk}"
    assert [key in boards[name].rows for name in names] == [True, False]
    for name, board in boards.items():
        assert board.rows == Board.from_snapshot(reader.take_snapshot(name)).rows


def test_a_changed_room_reaches_the_boards_of_all_days_that_anybody_has_opened(
    campaign: Campaign,
) -> None:
    room = make_room(campaign=campaign, name="A-1")
    names = [topics.board("autumn", TODAY + timedelta(days=ahead)) for ahead in (0, 1, 20)]
    other = topics.board("autumn-2", TODAY)
    for name in (*names, other):
        reader.head_of(name)
    publish_all()
    room.name = "A-2"
    room.save()
    changed = {batch.topic: batch for batch in publish_all()}
    assert set(names) <= changed.keys()
    assert other not in changed, "a campaign whose name begins in the same way"
    for name in names:
        assert "A-2" in changed[name].changes[f"room:{room.pk}"]
        assert changed[name].first == changed[name].last, "each board has its own position"
    later = topics.board("autumn", TODAY + timedelta(days=21))
    assert "A-2" in reader.take_snapshot(later).text(), "one that is opened afterwards"


def test_own_lists_hold_thirty_days_back_all_ahead_and_due_feedback(
    campaign: Campaign, wu: User, clock: Clock
) -> None:
    def made(days: int, status: str = "completed") -> Interview:
        return make_interview(
            campaign=campaign,
            interviewers=[wu],
            starts_at=EVENING + timedelta(days=days) - HOUR,
            status=status,
        )

    old, edge = made(-31), made(-30)
    due, ahead = made(-45, "feedback_due"), made(200, "scheduled")
    topic = topics.person(wu.pk)
    assert ids(topic) == {edge.pk, due.pk, ahead.pk}
    publish_all()
    own = Board.from_snapshot(reader.take_snapshot(topic))
    clock.shift(hours=1)
    tasks.sweep_clock()
    for batch in publish_all(topic):
        own = own.apply(batch)
    assert f"interview:{edge.pk}" not in own.rows, "it leaves at midnight"
    assert own.rows == Board.from_snapshot(reader.take_snapshot(topic)).rows
    assert old.pk not in ids(topic)


def test_one_batch_takes_the_same_queries_for_one_topic_and_for_many(
    campaign: Campaign, wu: User, zhao: User
) -> None:
    def queries(people: list[User], interviews: int) -> int:
        for _ in range(interviews):
            make_interview(campaign=campaign, interviewers=people, starts_at=EVENING - HOUR)
        numbered = assign_positions()
        asked = {part.topic for part in numbered}
        assert {todays_board(campaign), *(topics.person(one.pk) for one in people)} <= asked
        with CaptureQueriesContext(connection) as captured:
            render_batches(numbered, lambda found: {one for one in found if one[:5] != "tasks"})
        return len(captured)

    few = queries([wu], 1)
    assert queries([wu, zhao], 3) == few


def test_a_changed_interview_takes_four_statements_for_board_wall_and_interviewers(
    campaign: Campaign, wu: User, zhao: User
) -> None:
    """Numbering, the interviews, the forecast, and the rooms, which may be late."""
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], starts_at=EVENING - HOUR)
    publish_all()
    key, board = f"interview:{interview.pk}", todays_board(campaign)
    lists = [board, topics.wall("autumn", TODAY), topics.person(wu.pk), topics.person(zhao.pk)]
    changes.record([*((topic, key) for topic in lists), (board, f"room:{interview.room_id}")])
    with CaptureQueriesContext(connection) as captured:
        batches = render_batches(assign_positions(), lambda found: found)
    assert {batch.topic for batch in batches} == set(lists)
    assert all('"row":{' in batch.changes[key] for batch in batches), "each shows it"
    assert len(captured) == 4
