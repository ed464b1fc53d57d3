"""The Python counterpart of the browser's `apply` passes the shared test vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.clients.board import Board

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "apply.json").read_text("utf-8"))


def board_of(written: dict[str, Any]) -> Board:
    rows = {row["key"]: row for row in written["rows"]}
    return Board(written["epoch"], written["position"], rows, written["stale"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_board_ends_as_the_vector_says(vector: dict[str, Any]) -> None:
    board = board_of(vector["start"])
    for frame in vector["frames"]:
        board = board.apply(json.dumps(frame))
    assert board == board_of(vector["expected"])


def test_a_frame_never_changes_the_board_it_is_applied_to() -> None:
    for vector in VECTORS:
        board = board_of(vector["start"])
        board.apply(vector["frames"][0])
        assert board == board_of(vector["start"])
