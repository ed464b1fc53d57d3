"""`python -m tests.load.simulate`: a minute of a large site, and the crash of a web process in it.

Nobody here can open a million sockets, so this adds up measured costs: of an event, a change, a
reconnect and an idle socket (the table of performance.md), and of a change in the relay.
"""

from __future__ import annotations

import math
import random
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.load.measured import Costs, read_costs
from tests.load.table import Line, printed

CHANGES_A_SECOND_OF_A_BOARD = 0.17  # 500 cards with a dozen changes each in ten hours
WATCHERS_OF_A_BOARD = 100
JITTER_SECONDS = 30.0  # the longest pause of a browser before it reconnects
SECONDS = 60
FULL = 0.7  # of a core; above it, queues grow at each coincidence
TICK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Site:
    """watchers: sockets of the whole site. web, relays: processes with a core each."""

    watchers: int
    web: int
    relays: int
    boards: int

    @classmethod
    def for_watchers(cls, watchers: int, costs: Costs, memory_kib: int) -> Site:
        """The smallest site whose web processes have the memory, and can take a crash."""
        boards = max(1, watchers // WATCHERS_OF_A_BOARD)
        by_memory = watchers * costs.socket_kib / memory_kib
        by_reconnects = watchers / (JITTER_SECONDS * costs.reconnects_a_second)
        web = 1 + math.ceil(max(by_memory, by_reconnects, 1))
        changes = boards * CHANGES_A_SECOND_OF_A_BOARD
        relays = 1 + math.ceil(changes * costs.relay_seconds_a_change / FULL)
        return cls(watchers, web, relays, boards)


@dataclass(frozen=True, slots=True)
class Minute:
    """Shares of a core: of the busiest second of a process, and on average."""

    web_busiest: float
    web_mean: float
    relay_busiest: float
    relay_mean: float
    messages_a_second: float
    changes_a_second: float


def play_minute(site: Site, costs: Costs, rng: random.Random) -> Minute:
    """Plays changes of random boards, whose watchers are at random web processes."""
    watchers = _placed(site, rng)
    event, message = 1 / costs.events_a_second, 1 / costs.messages_a_second
    web: defaultdict[tuple[int, int], float] = defaultdict(float)
    relay, messages, total = Counter[tuple[int, int]](), 0, 0
    for second in range(SECONDS):
        for board in _changed_boards(site, rng):
            total += 1
            relay[second, board % site.relays] += 1
            messages += len(watchers[board])
            for process, sockets in watchers[board].items():
                web[second, process] += message + sockets * event
    change = costs.relay_seconds_a_change
    return Minute(
        web_busiest=max(web.values(), default=0.0),
        web_mean=sum(web.values()) / SECONDS / site.web,
        relay_busiest=max(relay.values(), default=0) * change,
        relay_mean=relay.total() * change / SECONDS / site.relays,
        messages_a_second=messages / SECONDS,
        changes_a_second=total / SECONDS,
    )


def _placed(site: Site, rng: random.Random) -> list[Counter[int]]:
    """Board → web process → number of its sockets there. A few boards have most watchers."""
    weights = [1 / rank for rank in range(1, site.boards + 1)]
    placed: list[Counter[int]] = [Counter() for _ in range(site.boards)]
    for board in rng.choices(range(site.boards), weights, k=site.watchers):
        placed[board][rng.randrange(site.web)] += 1
    return placed


def _changed_boards(site: Site, rng: random.Random) -> list[int]:
    """The boards of one second's changes."""
    mean = site.boards * CHANGES_A_SECOND_OF_A_BOARD
    number = max(0, round(rng.gauss(mean, math.sqrt(mean))))
    return [rng.randrange(site.boards) for _ in range(number)]


def seconds_to_recover(site: Site, costs: Costs, rng: random.Random) -> float:
    """Seconds from the crash of a web process until the last of its sockets is served again."""
    lost = site.watchers // site.web
    left = site.web - 1
    arrivals = Counter(int(rng.uniform(0, JITTER_SECONDS) / TICK_SECONDS) for _ in range(lost))
    a_tick = costs.reconnects_a_second * left * TICK_SECONDS
    waiting, tick = 0.0, 0
    while tick <= max(arrivals, default=0) or waiting > 0:
        waiting = max(0.0, waiting + arrivals[tick] - a_tick)
        tick += 1
    return tick * TICK_SECONDS


def lines(site: Site, costs: Costs, seed: int = 1) -> list[Line]:
    """One line for each part that may be the limit."""
    rng = random.Random(seed)
    minute = play_minute(site, costs, rng)
    recovery = seconds_to_recover(site, costs, rng)
    memory = site.watchers / site.web * costs.socket_kib / 1024
    return [
        Line(
            what=f"{site.watchers} watchers of {site.boards} boards: {site.web} web processes",
            ours=f"{minute.web_mean:.0%} of a core, {minute.web_busiest:.0%} in the busiest second",
            memory=f"{memory:.0f} MiB",
            target=f"≤ {FULL:.0%}",
            met=minute.web_busiest <= FULL,
        ),
        Line(
            what=f"… {site.relays} relays, {minute.changes_a_second:.0f} changes/s",
            ours=f"{minute.relay_mean:.0%} of a core, {minute.relay_busiest:.0%} in the busiest "
            "second",
            target=f"≤ {FULL:.0%} on average",
            met=minute.relay_mean <= FULL,
        ),
        Line(
            what="… messages from Redis to web processes", ours=f"{minute.messages_a_second:.0f} /s"
        ),
        Line(
            what="… a web process crashes: until the last of its sockets is served again",
            ours=f"{recovery:.0f} s",
            target=f"≤ {JITTER_SECONDS + 5:.0f} s",
            met=recovery <= JITTER_SECONDS + 5,
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(prog="python -m tests.load.simulate", description=__doc__)
    parser.add_argument("--watchers", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--memory-mib", type=int, default=2048, help="of each web process")
    parser.add_argument("--table", type=Path, help="another performance.md")
    wanted = parser.parse_args(arguments)
    costs = read_costs(wanted.table)
    found: list[Line] = []
    for watchers in wanted.watchers:
        site = Site.for_watchers(watchers, costs, wanted.memory_mib * 1024)
        found += lines(site, costs)
    print(f"{costs}\n\n{printed(found)}")  # noqa: T201 its output


if __name__ == "__main__":
    main()
