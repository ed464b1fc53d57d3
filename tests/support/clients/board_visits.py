"""Steps of tests in which Lin opens the board of the campaign `autumn` in a running site."""

from __future__ import annotations

import json
from typing import Any

from tests.support.clients.board import Board
from tests.support.clients.websocket_client import Visitor

BOARD = "/ws/board/autumn/"


async def confirm(person: Visitor, key: str) -> None:
    path = f"/api/v1/interviews/{key.removeprefix('interview:')}/confirm/"
    answer = await person.post(path, {"version": 1})
    assert answer.status_code == 200, answer.text


def status(board: Board, key: str) -> Any:
    return board.rows[key]["status"]


async def snapshot_after_hello(person: Visitor, board: Board) -> Board:
    """Opens a socket where this board ended. Fails if it is resumed, or if no snapshot comes.

    Returns the board at the position of the welcome: the snapshot may be followed by changes.
    """
    async with person.socket(BOARD) as socket:
        hello = {"type": "hello", "epoch": board.epoch, "position": board.position}
        await socket.send(json.dumps(hello))
        welcome, first = json.loads(await socket.recv()), json.loads(await socket.recv())
        assert not welcome["resumed"]
        assert first["type"] == "snapshot"
        fresh = Board().apply(first)
        while fresh.position is None or fresh.position < welcome["position"]:
            fresh = fresh.apply(json.loads(await socket.recv()))
        return fresh


def number_of_interviews(board: Board) -> int:
    return sum(row["kind"] == "interview" for row in board.rows.values())


def interviews(board: Board) -> list[str]:
    """Returns the keys of all interviews, which nobody has confirmed."""
    keys = sorted(key for key, row in board.rows.items() if row["kind"] == "interview")
    assert {status(board, key) for key in keys} == {"scheduled"}
    return keys
