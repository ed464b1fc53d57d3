"""The simulated site: its costs come from the table, its load from the number of watchers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.load.measured import Costs, read_costs
from tests.load.simulate import FULL, Site, play_minute, seconds_to_recover

COSTS = Costs(
    events_a_second=890_000, messages_a_second=4000, reconnects_a_second=1500, socket_kib=32
)
MEMORY_KIB = 2 * 1024 * 1024


def test_the_costs_are_those_of_the_table(tmp_path: Path):
    table = tmp_path / "performance.md"
    table.write_text(
        "| Fan-out: 300 sockets | 890 216 /s (887 574…892 857) | stock: 4 937 /s |\n"
        "| … the greatest load with p99 ≤ 100 ms | 3 965 changes/s (3 956…3 975), 1 189 621 | |\n"
        "| Reconnect storm: 3000 | 1 577 sockets/s (1 536…1 617) | |\n"
        "| Idle socket: memory | 31.9 KiB (31.8…31.9) | |\n"
    )
    costs = read_costs(table)
    assert costs.events_a_second == 890_216
    assert costs.messages_a_second == 3965
    assert costs.reconnects_a_second == 1577
    assert costs.socket_kib == 31.9


def test_a_table_without_a_line_is_refused(tmp_path: Path):
    table = tmp_path / "performance.md"
    table.write_text("| Fan-out: 300 sockets | 890 216 /s |\n")
    with pytest.raises(LookupError, match="the greatest load"):
        read_costs(table)


def test_the_published_table_has_every_cost():
    costs = read_costs()
    assert costs.events_a_second > costs.reconnects_a_second > costs.socket_kib > 0


def test_ten_times_the_watchers_need_about_ten_times_the_processes_at_the_same_load():
    small, large = (Site.for_watchers(n, COSTS, MEMORY_KIB) for n in (100_000, 1_000_000))
    assert 7 <= (large.web - 1) / (small.web - 1) <= 10.5
    few, many = (play_minute(site, COSTS, random.Random(1)) for site in (small, large))
    assert many.changes_a_second == pytest.approx(10 * few.changes_a_second, rel=0.1)
    assert few.relay_mean < FULL
    assert many.relay_mean < FULL, "relays share ten times the changes"
    assert 0 < few.web_mean < many.web_mean < 1, "a process meets more boards on a larger site"


def test_every_lost_socket_is_served_and_more_processes_serve_them_sooner():
    crowded = Site(watchers=300_000, web=3, relays=1, boards=10)
    roomy = Site(watchers=300_000, web=30, relays=1, boards=10)
    slow, quick = (seconds_to_recover(site, COSTS, random.Random(1)) for site in (crowded, roomy))
    assert slow >= 100_000 / (2 * COSTS.reconnects_a_second), "two processes cannot be faster"
    assert 29 <= quick <= 31, "only the browsers' own pauses are left"
