"""Who watches, over processes that tell each other, second by second."""

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
from tests.support.clock import Clock

TOPIC = "board.x"
LARGEST_MESSAGE_BYTES = 8 * 1024


class Together:
    """Processes on one wire, and what each shows its readers."""

    def __init__(self, clock: Clock, *names: str) -> None:
        self._clock = clock
        self.shown: dict[str, dict[str, Row]] = {}
        self.frames: dict[str, list[dict[str, Row | None]]] = {}
        self.said: list[dict[str, Any]] = []
        self.processes: dict[str, Presence] = {}
        for name in names:
            self.start(name)

    def start(self, name: str) -> Presence:
        self.shown[name], self.frames[name] = {}, []

        async def announce(topic: str, message: dict[str, Any]) -> None:
            self.said.append(message)
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
        """It says nothing any more, and hears nothing."""
        del self.processes[name]

    async def seconds(self, number: float = 1) -> None:
        """So many seconds pass, and every process ticks in each."""
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

    def faces(self, name: str) -> set[int]:
        return {row["user"] for key, row in self.shown[name].items() if key != OTHERS}

    def watchers(self, name: str) -> int:
        """How many the readers of this process are told of: faces, and the number of others."""
        others = self.shown[name].get(OTHERS, {"count": 0})["count"]
        return len(self.faces(name)) + int(others)


@pytest.fixture
def two(clock: Clock) -> Together:
    return Together(clock, "here", "there")


async def test_a_viewer_of_one_process_is_seen_in_another_within_two_seconds(two: Together) -> None:
    await two.join("here", 7)
    await two.seconds(2)
    assert two.faces("there") == {7}
    assert two.shown["there"] == two.shown["here"]


async def test_a_process_that_comes_later_is_told_who_is_there(two: Together, clock: Clock) -> None:
    await two.join("here", 7)
    await two.seconds(2)
    two.start("late")
    await two.join("late", 8)
    await two.seconds(2)
    assert two.faces("late") == {7, 8}


async def test_a_repetition_is_no_news(two: Together) -> None:
    await two.join("here", 7)
    await two.seconds(10 * REPEAT_SECONDS)
    assert len(two.said) > 5, "the premise: it is repeated"
    assert [len(frames) for frames in two.frames.values()] == [1, 1]


async def test_what_a_viewer_has_open_is_told(two: Together) -> None:
    await two.join("here", 7)
    await two.seconds(2)
    await two.processes["here"].watch(TOPIC, 7, "interview:17")
    await two.seconds(2)
    assert two.shown["there"]["presence:7"]["watching"] == "interview:17"


async def test_a_person_on_two_processes_is_one_face_that_does_not_flicker(two: Together) -> None:
    """With a card open in one of his windows: whoever spoke last must not decide."""
    await two.join("here", 7)
    await two.join("there", 7)
    await two.processes["here"].watch(TOPIC, 7, "interview:17")
    await two.seconds(2)
    frames = len(two.frames["there"])
    await two.seconds(4 * REPEAT_SECONDS)
    assert two.shown["there"]["presence:7"]["watching"] == "interview:17"
    assert two.watchers("there") == 1
    assert len(two.frames["there"]) == frames


async def test_somebody_who_is_gone_from_every_process_is_taken_off(two: Together) -> None:
    await two.join("here", 7)
    await two.join("there", 7, 8)
    await two.seconds(2)
    await two.leave("here", 7)
    await two.seconds(LINGER_SECONDS + 2)
    assert two.faces("here") == {7, 8}, "he is still with the other"
    await two.leave("there", 7)
    await two.seconds(LINGER_SECONDS + 2)
    assert two.faces("here") == two.faces("there") == {8}


async def test_a_reload_does_not_make_a_face_blink(two: Together) -> None:
    await two.join("here", 7)
    await two.seconds(2)
    await two.leave("here", 7)
    await two.seconds(LINGER_SECONDS - 1)
    await two.join("here", 7)
    await two.seconds(3 * LINGER_SECONDS)
    assert [len(frames) for frames in two.frames.values()] == [1, 1], "shown once, never taken off"


async def test_a_second_window_keeps_a_face_when_the_first_is_closed(two: Together) -> None:
    await two.join("here", 7, 7)
    await two.leave("here", 7)
    await two.seconds(2 * LINGER_SECONDS)
    assert two.faces("there") == {7}


async def test_the_viewers_of_a_killed_process_are_forgotten(two: Together) -> None:
    await two.join("here", 7)
    await two.join("there", 8)
    await two.seconds(2)
    two.kill("here")
    await two.seconds(SILENT_SECONDS - 2)
    assert two.faces("there") == {7, 8}, "silence is not yet proof"
    await two.seconds(4)
    assert two.faces("there") == {8}


async def test_nothing_is_kept_of_a_topic_that_nobody_watches_any_more(two: Together) -> None:
    await two.join("here", 7)
    await two.seconds(2)
    await two.leave("here", 7)
    await two.seconds(LINGER_SECONDS + SILENT_SECONDS + 3)
    assert two.shown == {"here": {}, "there": {}}
    before = len(two.said)
    await two.seconds(5 * REPEAT_SECONDS)
    assert len(two.said) == before, "an empty topic is not repeated"


async def test_three_hundred_who_join_at_once_cost_each_reader_one_frame(two: Together) -> None:
    await two.join("here", *range(300))
    await two.seconds(2)
    assert two.watchers("here") == two.watchers("there") == 300
    assert len(two.faces("here")) == MAX_VIEWERS_SHOWN
    assert [len(frames) for frames in two.frames.values()] == [1, 1]
    assert len(two.said) == 1, "one message, whatever the number"


async def test_a_message_does_not_grow_with_the_number_of_viewers(two: Together) -> None:
    await two.join("here", *range(5000))
    await two.seconds(4 * REPEAT_SECONDS)
    sizes = {len(json.dumps(message)) for message in two.said}
    assert max(sizes) < LARGEST_MESSAGE_BYTES
    assert two.watchers("there") == 5000


async def test_beyond_the_faces_a_coming_and_going_changes_one_number(two: Together) -> None:
    await two.join("here", *range(100))
    await two.seconds(2)
    await two.leave("here", *range(60, 80))
    await two.seconds(LINGER_SECONDS + 2)
    assert [list(frame) for frame in two.frames["there"][1:]] == [[OTHERS]]
    assert two.watchers("there") == 80


async def test_whoever_has_a_card_open_is_told_however_many_watch(two: Together) -> None:
    """Two people in one card must see each other; that is what faces are for."""
    await two.join("here", *range(100))
    await two.join("there", *range(100, 200))
    await two.seconds(2)
    await two.processes["there"].watch(TOPIC, 199, "interview:17")
    await two.seconds(2)
    assert two.shown["here"]["presence:199"]["watching"] == "interview:17"
    assert two.shown["here"] == two.shown["there"]
    assert two.watchers("here") == 200


async def test_a_crowd_that_leaves_brings_every_face_back(two: Together) -> None:
    await two.join("here", *range(100))
    await two.seconds(2)
    await two.leave("here", *range(90))
    await two.seconds(LINGER_SECONDS + 2)
    assert two.faces("there") == set(range(90, 100))
    assert OTHERS not in two.shown["there"]
