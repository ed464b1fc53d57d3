"""Presence over several processes that publish their viewers to each other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime.hub.presence import (
    LINGER_SECONDS,
    MAX_VIEWERS_SHOWN,
    OTHERS,
    REPEAT_SECONDS,
    SILENT_SECONDS,
    Presence,
    changed_rows,
)
from realtime.protocol.server_frames import Row
from tests.support.product.clock import Clock

TOPIC = "board.x"
LARGEST_MESSAGE_BYTES = 8 * 1024


class ConnectedProcesses:
    """Connected processes, and what each of them shows its readers."""

    def __init__(self, clock: Clock, *names: str) -> None:
        self._clock = clock
        self.shown: dict[str, dict[str, Row]] = {}
        self.frames: dict[str, list[dict[str, Row | None]]] = {}
        self.messages: list[dict[str, Any]] = []
        self.processes: dict[str, Presence] = {}
        for name in names:
            self.start(name)

    def start(self, name: str) -> Presence:
        self.shown[name], self.frames[name] = {}, []

        async def announce(topic: str, message: dict[str, Any]) -> None:
            self.messages.append(message)
            for other, process in self.processes.items():
                if other != name:
                    process.receive(message)

        def show(topic: str, rows: dict[str, Row]) -> None:
            if changed := changed_rows(self.shown[name], rows):
                self.frames[name].append(changed)
            self.shown[name] = rows

        now = lambda: self._clock.now().timestamp()  # noqa: E731
        self.processes[name] = Presence(name, announce, show, now)
        return self.processes[name]

    def kill(self, name: str) -> None:
        """The process no longer sends or receives anything."""
        del self.processes[name]

    async def seconds(self, number: float = 1) -> None:
        """Let this many seconds pass; every process ticks once a second."""
        for _ in range(int(number)):
            self._clock.shift(seconds=1)
            for process in list(self.processes.values()):
                await process.tick()

    async def join(self, name: str, *people: int) -> None:
        for person in people:
            await self.processes[name].join(TOPIC, person, f"Person {person}", f"P{person}")

    async def leave(self, name: str, *people: int) -> None:
        for person in people:
            await self.processes[name].leave(TOPIC, person)

    def listed(self, name: str) -> set[int]:
        return {row["user"] for key, row in self.shown[name].items() if key != OTHERS}

    def count(self, name: str) -> int:
        """The number of viewers that this process shows: those listed, and the others."""
        others = self.shown[name].get(OTHERS, {"count": 0})["count"]
        return len(self.listed(name)) + int(others)


@pytest.fixture
def processes(clock: Clock) -> ConnectedProcesses:
    return ConnectedProcesses(clock, "here", "there")


async def test_a_viewer_in_one_process_is_shown_by_another_within_two_seconds(
    processes: ConnectedProcesses,
) -> None:
    await processes.join("here", 7)
    await processes.seconds(2)
    assert processes.listed("there") == {7}
    assert processes.shown["there"] == processes.shown["here"]


async def test_a_process_that_starts_later_learns_of_the_viewers_present(
    processes: ConnectedProcesses, clock: Clock
) -> None:
    await processes.join("here", 7)
    await processes.seconds(2)
    processes.start("late")
    await processes.join("late", 8)
    await processes.seconds(2)
    assert processes.listed("late") == {7, 8}


async def test_a_repeated_message_sends_no_frame(processes: ConnectedProcesses) -> None:
    await processes.join("here", 7)
    await processes.seconds(10 * REPEAT_SECONDS)
    assert len(processes.messages) > 5, "the premise: it is repeated"
    assert [len(frames) for frames in processes.frames.values()] == [1, 1]


async def test_the_row_a_viewer_has_open_is_shown(processes: ConnectedProcesses) -> None:
    await processes.join("here", 7)
    await processes.seconds(2)
    await processes.processes["here"].watch(TOPIC, 7, "interview:17")
    await processes.seconds(2)
    assert processes.shown["there"]["presence:7"]["watching"] == "interview:17"


async def test_a_viewer_connected_to_two_processes_is_shown_once_and_steadily(
    processes: ConnectedProcesses,
) -> None:
    """With a card open in one of two windows: the last message must not decide."""
    await processes.join("here", 7)
    await processes.join("there", 7)
    await processes.processes["here"].watch(TOPIC, 7, "interview:17")
    await processes.seconds(2)
    frames = len(processes.frames["there"])
    await processes.seconds(4 * REPEAT_SECONDS)
    assert processes.shown["there"]["presence:7"]["watching"] == "interview:17"
    assert processes.count("there") == 1
    assert len(processes.frames["there"]) == frames


async def test_a_viewer_disappears_after_leaving_every_process(
    processes: ConnectedProcesses,
) -> None:
    await processes.join("here", 7)
    await processes.join("there", 7, 8)
    await processes.seconds(2)
    await processes.leave("here", 7)
    await processes.seconds(LINGER_SECONDS + 2)
    assert processes.listed("here") == {7, 8}, "still connected to the other process"
    await processes.leave("there", 7)
    await processes.seconds(LINGER_SECONDS + 2)
    assert processes.listed("here") == processes.listed("there") == {8}


async def test_a_reload_does_not_make_a_viewer_disappear(processes: ConnectedProcesses) -> None:
    await processes.join("here", 7)
    await processes.seconds(2)
    await processes.leave("here", 7)
    await processes.seconds(LINGER_SECONDS - 1)
    await processes.join("here", 7)
    await processes.seconds(3 * LINGER_SECONDS)
    assert [len(frames) for frames in processes.frames.values()] == [1, 1], (
        "shown once, never removed"
    )


async def test_a_viewer_stays_while_a_second_window_is_open(processes: ConnectedProcesses) -> None:
    await processes.join("here", 7, 7)
    await processes.leave("here", 7)
    await processes.seconds(2 * LINGER_SECONDS)
    assert processes.listed("there") == {7}


async def test_the_viewers_of_a_killed_process_are_removed(processes: ConnectedProcesses) -> None:
    await processes.join("here", 7)
    await processes.join("there", 8)
    await processes.seconds(2)
    processes.kill("here")
    await processes.seconds(SILENT_SECONDS - 2)
    assert processes.listed("there") == {7, 8}, (
        "they are kept until the process has been silent for long enough"
    )
    await processes.seconds(4)
    assert processes.listed("there") == {8}


async def test_a_topic_that_nobody_views_any_more_is_forgotten(
    processes: ConnectedProcesses,
) -> None:
    await processes.join("here", 7)
    await processes.seconds(2)
    await processes.leave("here", 7)
    await processes.seconds(LINGER_SECONDS + SILENT_SECONDS + 3)
    assert processes.shown == {"here": {}, "there": {}}
    before = len(processes.messages)
    await processes.seconds(5 * REPEAT_SECONDS)
    assert len(processes.messages) == before, "an empty topic is not repeated"


async def test_three_hundred_viewers_joining_at_once_cost_each_reader_one_frame(
    processes: ConnectedProcesses,
) -> None:
    await processes.join("here", *range(300))
    await processes.seconds(2)
    assert processes.count("here") == processes.count("there") == 300
    assert len(processes.listed("here")) == MAX_VIEWERS_SHOWN
    assert [len(frames) for frames in processes.frames.values()] == [1, 1]
    assert len(processes.messages) == 1, "one message, whatever the number"


async def test_a_message_does_not_grow_with_the_number_of_viewers(
    processes: ConnectedProcesses,
) -> None:
    await processes.join("here", *range(5000))
    await processes.seconds(4 * REPEAT_SECONDS)
    sizes = {len(json.dumps(message)) for message in processes.messages}
    assert max(sizes) < LARGEST_MESSAGE_BYTES
    assert processes.count("there") == 5000


async def test_viewers_beyond_those_listed_change_only_a_number(
    processes: ConnectedProcesses,
) -> None:
    await processes.join("here", *range(100))
    await processes.seconds(2)
    await processes.leave("here", *range(60, 80))
    await processes.seconds(LINGER_SECONDS + 2)
    assert [list(frame) for frame in processes.frames["there"][1:]] == [[OTHERS]]
    assert processes.count("there") == 80


async def test_a_viewer_with_a_card_open_is_listed_however_many_there_are(
    processes: ConnectedProcesses,
) -> None:
    """Two people who edit the same card must see each other; that is what the list is for."""
    await processes.join("here", *range(100))
    await processes.join("there", *range(100, 200))
    await processes.seconds(2)
    await processes.processes["there"].watch(TOPIC, 199, "interview:17")
    await processes.seconds(2)
    assert processes.shown["here"]["presence:199"]["watching"] == "interview:17"
    assert processes.shown["here"] == processes.shown["there"]
    assert processes.count("here") == 200


async def test_when_many_viewers_leave_the_remaining_ones_are_listed_again(
    processes: ConnectedProcesses,
) -> None:
    await processes.join("here", *range(100))
    await processes.seconds(2)
    await processes.leave("here", *range(90))
    await processes.seconds(LINGER_SECONDS + 2)
    assert processes.listed("there") == set(range(90, 100))
    assert OTHERS not in processes.shown["there"]
