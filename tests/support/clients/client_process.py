"""One page as its own process, which a test can suspend and resume like a laptop.

Started as `python -m tests.support.clients.client_process <address> <origin> <session>`. It
prints its state after every frame, as `fingerprint` renders it, and the code of each close.
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


def fingerprint(board: Board) -> str:
    """Returns position and a hash of the rows: equal for equal boards."""
    rows = hashlib.sha256(json.dumps(board.rows, sort_keys=True).encode()).hexdigest()
    return f"at {board.position} with {rows[:16]}"


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
                    memory.receive(parse(await socket.recv()))
                    report(memory)
            except ConnectionClosed as closed:
                print_line(f"closed with {closed.rcvd.code if closed.rcvd else None}")
        await asyncio.sleep(RETRY_SECONDS)


def report(memory: Memory) -> None:
    assert not memory.faults, memory.faults
    times = f"{memory.connections} connections, {memory.snapshots} snapshots"
    print_line(f"{fingerprint(memory.board)} after {times}")


def print_line(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 the test reads it


if __name__ == "__main__":
    asyncio.run(read_for_ever(*sys.argv[1:]))
