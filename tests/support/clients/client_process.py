"""One page as a process of its own, which can be stopped and woken like a laptop.

Started as `python -m tests.support.clients.client_process <address> <origin> <session>`. It
reports its state after every frame, in the words of `stands_at`, and with which code it was sent
away.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.support.clients.board import Board
from tests.support.clients.page_state import Memory, parse

RETRY_SECONDS = 0.1


def stands_at(board: Board) -> str:
    """Position and rows, in short: two boards that stand at the same are the same."""
    rows = hashlib.sha256(json.dumps(board.rows, sort_keys=True).encode()).hexdigest()
    return f"stands at {board.position} with {rows[:16]}"


async def read_for_ever(address: str, origin: str, session: str) -> None:
    memory = Memory()
    while True:
        async with connect(
            address,
            origin=origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"sessionid={session}"},
            max_size=None,
        ) as socket:
            board = memory.board
            hello = {"type": "hello", "epoch": board.epoch, "position": board.position}
            await socket.send(json.dumps(hello))
            try:
                while True:
                    memory.hear(parse(await socket.recv()))
                    tell(memory)
            except ConnectionClosed as closed:
                say(f"sent away with {closed.rcvd.code if closed.rcvd else None}")
        await asyncio.sleep(RETRY_SECONDS)


def tell(memory: Memory) -> None:
    assert not memory.faults, memory.faults
    times = f"{memory.connections} connections, {memory.snapshots} snapshots"
    say(f"{stands_at(memory.board)} after {times}")


def say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 the test reads it


if __name__ == "__main__":
    asyncio.run(read_for_ever(*sys.argv[1:]))
