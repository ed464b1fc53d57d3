"""What a reader gets who comes back: of each key the last row, and nothing that he has."""

import pytest

from realtime.hub import replay_buffer
from realtime.hub.replay_buffer import ReplayBuffer
from realtime.protocol.server_frames import Batch


def batch(first: int, *keys: str, last: int = 0, row: str = "row") -> Batch:
    """Positions from `first` on, one for each key; the texts say which batch they are from."""
    positions = {key: first + place for place, key in enumerate(keys)}
    changes = {key: f"{row} {key}@{at}" for key, at in positions.items()}
    last = last or first + len(keys) - 1
    return Batch("board.x", "e", first, last, changes, positions, "")


def filled(*batches: Batch, start: int = 0) -> ReplayBuffer:
    rows = ReplayBuffer(start)
    for one in batches:
        rows.add(one)
    return rows


def test_whoever_comes_back_gets_each_key_once_in_its_newest_form() -> None:
    rows = filled(batch(1, "a", "b"), batch(3, "a"))
    assert rows.after(0) == ({"b": "row b@2", "a": "row a@3"}, {"b": 2, "a": 3})


def test_whoever_comes_back_gets_nothing_that_he_has() -> None:
    rows = filled(batch(1, "a", "b", "c"))
    assert list(rows.after(2)[0]) == ["c"]
    assert rows.after(3)[0] == {}


def test_the_oldest_keys_go_when_there_are_many_and_it_is_known_from_where(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replay_buffer, "MAX_KEYS", 2)
    rows = filled(batch(1, "a", "b", "c"))
    assert (rows.covers(0), rows.covers(1)) == (False, True)
    assert list(rows.after(1)[0]) == ["b", "c"]


def test_an_older_batch_does_not_undo_a_newer_row() -> None:
    rows = filled(batch(8, "a", row="new"), start=7)
    rows.prepend(batch(3, "b", "a", last=7, row="old"))
    assert rows.covers(2)
    assert rows.after(2)[0] == {"b": "old b@3", "a": "new a@8"}


def test_an_older_batch_that_leaves_a_hole_is_not_taken() -> None:
    rows = filled(start=9)
    rows.prepend(batch(3, "b", last=7))
    assert not rows.covers(8)


def test_a_part_of_a_batch_holds_only_what_is_newer() -> None:
    part = batch(4, "a", "b", "c").after(5)
    assert (part.first, part.last, list(part.changes)) == (6, 6, ["c"])
