import json

import pytest

from realtime.protocol import server_frames
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.server_frames import Batch


def test_a_batch_becomes_the_changes_frame_of_the_contract() -> None:
    batch = Batch(
        topic="board.x",
        epoch="e",
        first=3,
        last=5,
        changes={
            "interview:1": server_frames.encode_change(
                "interview:1", {"key": "interview:1", "version": 4, "candidate": "王思远"}
            ),
            "interview:2": server_frames.encode_change("interview:2", None),
        },
        positions={"interview:1": 4, "interview:2": 5},
        committed_at="2026-11-22T06:00:00+00:00",
    )
    assert json.loads(batch.text()) == {
        "type": "changes",
        "topic": "board.x",
        "epoch": "e",
        "from": 3,
        "to": 5,
        "changes": [
            {
                "key": "interview:1",
                "version": 4,
                "row": {"key": "interview:1", "version": 4, "candidate": "王思远"},
            },
            {"key": "interview:2", "version": 0, "row": None},
        ],
        "committed_at": "2026-11-22T06:00:00+00:00",
    }


@pytest.mark.parametrize("code", CloseCode)
def test_clients_reconnect_after_codes_below_4400(code: CloseCode) -> None:
    comes_back = {4001, 4008, 4010, 4029}
    assert (code < CloseCode.BROKEN_PROTOCOL) == (code in comes_back)
