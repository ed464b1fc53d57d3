"""A client that resumes gets the last row of each changed key, and nothing it already has."""

import pytest

from realtime.hub import replay_buffer
from realtime.hub.replay_buffer import ReplayBuffer
from realtime.protocol.server_frames import Batch


def batch(first: int, *keys: str, last: int = 0, row: str = "row") -> Batch:
    """A batch with one position per key, from `first` on; its texts name the batch."""
    positions = {key: first + place for place, key in enumerate(keys)}
    changes = {key: f"{row} {key}@{at}" for key, at in positions.items()}
    last = last or first + len(keys) - 1
    return Batch("board.x", "e", first, last, changes, positions, "")


def filled(*batches: Batch, start: int = 0) -> ReplayBuffer:
    rows = ReplayBuffer(start)
    for one in batches:
        rows.add(one)
    return rows


def test_a_resume_holds_each_key_once_with_its_newest_row() -> None:
    rows = filled(batch(1, "a", "b"), batch(3, "a"))
    assert rows.after(0) == ({"b": "row b@2", "a": "row a@3"}, {"b": 2, "a": 3})


def test_a_resume_holds_nothing_up_to_the_clients_position() -> None:
    rows = filled(batch(1, "a", "b", "c"))
    assert list(rows.after(2)[0]) == ["c"]
    assert rows.after(3)[0] == {}


def test_beyond_the_limit_the_oldest_keys_are_dropped_and_no_longer_covered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replay_buffer, "MAX_KEYS", 2)
    rows = filled(batch(1, "a", "b", "c"))
    assert (rows.covers(0), rows.covers(1)) == (False, True)
    assert list(rows.after(1)[0]) == ["b", "c"]


def test_prepending_an_older_batch_keeps_newer_rows() -> None:
    rows = filled(batch(8, "a", row="new"), start=7)
    rows.prepend(batch(3, "b", "a", last=7, row="old"))
    assert rows.covers(2)
    assert rows.after(2)[0] == {"b": "old b@3", "a": "new a@8"}


def test_an_older_batch_with_a_gap_after_it_is_ignored() -> None:
    rows = filled(start=9)
    rows.prepend(batch(3, "b", last=7))
    assert not rows.covers(8)


def test_the_part_of_a_batch_after_a_position_holds_only_newer_changes() -> None:
    part = batch(4, "a", "b", "c").after(5)
    assert (part.first, part.last, list(part.changes)) == (6, 6, ["c"])
