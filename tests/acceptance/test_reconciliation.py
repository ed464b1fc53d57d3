"""Tests the tests: comparing a page with the database finds each missing frame, row or position."""

from __future__ import annotations

import functools

import pytest
from django.contrib.auth.models import User

from jobs.models import Campaign
from realtime.log.reader import head_of, take_snapshot
from realtime.protocol import server_frames
from tests.support.clients.board import Board
from tests.support.clients.page_state import Memory, parse
from tests.support.product.relay import publish_all
from tests.support.traffic.generator import (
    LAST_VERSIONS,
    STEPS_OF_A_ROOM,
    plan_traffic,
    take_with_retries,
    traffic_board,
    versions,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def frames(campaign: Campaign, lin: User) -> list[dict]:
    """The frames of one whole connection: one room's day, each step published on its own."""
    steps = plan_traffic(campaign, rooms=1)
    assert len(steps) == STEPS_OF_A_ROOM
    publish_all()
    head = head_of(traffic_board())
    welcome = server_frames.welcome(
        topic=traffic_board(), epoch=head.epoch, position=head.position, resumed=False
    )
    texts = [welcome, take_snapshot(traffic_board()).text()]
    for step in steps:
        take_with_retries(step, lin)
        texts += [batch.text() for batch in publish_all(traffic_board())]
    assert versions(steps) == [LAST_VERSIONS], "the premise: every step was taken"
    return [parse(text) for text in texts]


def faults_of(frames: list[dict]) -> list[str]:
    memory = Memory()
    for frame in frames:
        memory.receive(frame)
    return memory.differences(Board.from_snapshot(take_snapshot(traffic_board())))


def test_a_page_with_all_frames_has_no_faults_and_with_one_less_it_has(
    frames: list[dict],
) -> None:
    assert faults_of(frames) == []
    assert len(frames) == 2 + STEPS_OF_A_ROOM - 2, "rolled-back steps announce nothing"
    for number in range(1, len(frames)):
        assert faults_of(frames[:number] + frames[number + 1 :]), f"frame {number} was not missed"


def test_a_frame_that_comes_twice_or_too_early_is_a_fault(frames: list[dict]) -> None:
    for number in range(2, len(frames)):
        assert faults_of([*frames[:number], frames[number - 1], *frames[number:]])
    assert faults_of([*frames[:-2], frames[-1], frames[-2]])


def test_a_missing_row_is_a_fault(frames: list[dict]) -> None:
    """The position is covered but the row is missing, as a broken renderer would cause."""
    before, fresh = board_after(frames[:-1]), board_after(frames)
    news = {key for key, row in fresh.rows.items() if before.rows.get(key) != row}
    assert len(news) >= 2, "the premise: a card and a counter"
    last = frames[-1]
    for key in news:
        short = [change for change in last["changes"] if change["key"] != key]
        assert faults_of([*frames[:-1], last | {"changes": short}]) == [f"row {key} differs"]


def board_after(frames: list[dict]) -> Board:
    return functools.reduce(Board.apply, frames, Board())
