"""Plays a random history: actions, a relay, bad connections, pages; and checks the invariant.

The invariant: once the relay has run and every process has polled, each page shows what a reload
would show.
"""

from __future__ import annotations

import asyncio

from realtime import retention
from realtime.log.reader import take_snapshot
from realtime.models import Change, TopicHead, new_epoch
from realtime.protocol.server_frames import Batch
from tests.support.clients.board import Board
from tests.support.histories import (  # noqa: F401 imported to register their actions
    actions,
    bulk_actions,
    direct_writes,
    interview_actions,
    other_actions,
)
from tests.support.histories.observers import Page, Process
from tests.support.histories.world import Choose, World
from tests.support.product.clock import Clock
from tests.support.product.database_cleanup import reset_rows
from tests.support.product.relay import publish_all

PASSED_SECONDS = (3, 15, 60, 61, 300, 3600, 5 * 3600, 13 * 3600)
MAX_SECONDS_WITHOUT_SWEEP = 20 * 3600
MAX_PAGES = 14


class History:
    """A world, its relay, two web processes, and the pages that watch them."""

    def __init__(self, clock: Clock) -> None:
        self.world = World(clock)
        self.pages: list[Page] = []
        self.done: list[str] = []  # actions that were not refused
        self._hints: list[Batch] = []
        self._unswept = 0
        self._runner = asyncio.Runner()
        publish_all()
        self._processes = [Process(self.world.topics) for _ in range(2)]
        for process in self._processes:
            self._run(process.open())
        for topic in self.world.topics:
            self._open_page(topic, self._processes[0])

    def _run(self, work: object) -> None:
        self._runner.run(work)  # type: ignore[arg-type]

    def end(self) -> None:
        self._runner.close()
        reset_rows(None)

    # Events

    def perform(self, name: str, choose: Choose) -> bool:
        """Performs an action; False if it was refused."""
        done = actions.perform(name, self.world, choose)
        if done:
            self.done.append(name)
        return done

    def time_passes(self, choose: Choose) -> None:
        """Moves the clock. Beat may have been down for hours, but not for a day."""
        seconds = choose(PASSED_SECONDS)
        if self._unswept + seconds > MAX_SECONDS_WITHOUT_SWEEP:
            self.perform("sweep", choose)
            self._unswept = 0
        self._unswept += seconds
        self.world.clock.shift(seconds=seconds)

    def publish(self) -> None:
        self._hints += publish_all()

    def deliver_hints(self, choose: Choose) -> None:
        """Delivers the hints to each process: all, none, some, twice, or in the wrong order."""
        hints, self._hints = self._hints, []
        for process in self._processes:
            delivered = {
                "all": hints,
                "none": [],
                "every other": hints[::2],
                "doubled": [hint for hint in hints for _ in range(2)],
                "backwards": hints[::-1],
                "folded": _folded(hints),
            }[choose(["all", "none", "every other", "doubled", "backwards", "folded"])]
            self._run(_deliver_all(process, delivered))

    def poll(self, choose: Choose) -> None:
        self._run(choose(self._processes).poll())

    def page_opens(self, choose: Choose) -> None:
        if len(self.pages) < MAX_PAGES:
            self._open_page(choose(self.world.topics), choose(self._processes))

    def _open_page(self, topic: str, process: Process) -> None:
        page = Page(topic)
        self._run(page.connect(process))
        self.pages.append(page)

    def page_is_cut(self, choose: Choose) -> None:
        choose(self.pages).cut()

    def page_reconnects(self, choose: Choose) -> None:
        away = [page for page in self.pages if not page.is_connected]
        page, epoch = choose(away or self.pages), choose([None, None, None, "of old"])
        page.cut()
        self._run(page.connect(choose(self._processes), epoch))

    def page_reads(self, choose: Choose) -> None:
        page = choose(self.pages)
        self._run(page.read(again=choose([False, True])))
        page.repeat_old_frames()

    def log_is_trimmed(self) -> None:
        retention.trim_changes(self.world.clock.now())

    def numbering_restarts(self, choose: Choose) -> None:
        """Starts a new epoch with other positions, as after a restored backup."""
        topic = choose(self.world.topics)
        Change.objects.filter(topic=topic).exclude(position=None).delete()
        TopicHead.objects.filter(topic=topic).update(epoch=new_epoch(), position=3, kept_from=4)
        for process in self._processes:  # they poll within a second anyway
            self._run(process.poll())

    # Invariant

    def settle(self) -> None:
        """Publishes everything and polls; then asserts that every page equals a reload."""
        actions.ACTIONS["sweep"](self.world, _first)
        self.publish()
        self._hints.clear()
        for process in self._processes:
            self._run(process.poll())
        fresh = {topic: fresh_board(topic) for topic in self.world.topics}
        for page in self.pages:
            if page.is_connected:
                self._run(page.read())
            else:
                self._run(page.connect(self._processes[-1]))
            assert_same(page, fresh[page.topic])


def fresh_board(topic: str) -> Board:
    """Returns the board that a reload would show."""
    return Board.from_snapshot(take_snapshot(topic))


def assert_same(page: Page, fresh: Board) -> None:
    """Compares key by key, which gives a short message for a difference."""
    shown = page.board
    assert shown.rows.keys() == fresh.rows.keys(), (
        page.topic,
        shown.rows.keys() ^ fresh.rows.keys(),
    )
    for key, row in fresh.rows.items():
        differing = {
            k: (shown.rows[key].get(k), row[k]) for k in row if shown.rows[key].get(k) != row[k]
        }
        assert not differing, f"{page.topic}: {key} shows {differing} (page, reload)"
        assert shown.rows[key] == row, page.topic
    assert (shown.epoch, shown.position) == (fresh.epoch, fresh.position), page.topic


async def _deliver_all(process: Process, batches: list[Batch]) -> None:
    for batch in batches:
        await process.receive_hint(batch)


def _folded(hints: list[Batch]) -> list[Batch]:
    by_topic: dict[tuple[str, str], list[Batch]] = {}
    for hint in hints:
        by_topic.setdefault((hint.topic, hint.epoch), []).append(hint)
    return [Batch.folded(batches) for batches in by_topic.values()]


def _first(among: object) -> object:
    return among[0]  # type: ignore[index]
