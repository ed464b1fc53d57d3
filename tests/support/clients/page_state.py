"""The state of one page, and every violation of the protocol that it has seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from tests.support.clients.board import Board

parse = lru_cache(maxsize=4096)(json.loads)  # many pages receive the same texts


class Memory:
    """State of one page; `faults` lists frames that break the protocol."""

    def __init__(self) -> None:
        self.board = Board()
        self.topic = ""
        self.begun_at = 0  # the position of the snapshot that this sequence of frames began with
        self.positions = 0  # seen since then
        self.resumed_over = 0  # positions that arrived by resuming
        self.connections = 0
        self.snapshots = 0
        self.progress: list[tuple[str, int]] = []  # state and steps done of a task, as shown
        self.goodbyes: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self._awaits_snapshot = False

    def receive(self, frame: Mapping[str, Any]) -> None:
        """Applies a frame, and records whatever is wrong with it."""
        match frame["type"]:
            case "welcome":
                self._receive_welcome(frame)
            case "snapshot":
                self._receive_snapshot(frame)
            case "changes":
                self._receive_changes(frame)
                self._note_progress(change["row"] for change in frame["changes"])
            case "latest":
                self._note_progress(item["row"] for item in frame["items"])
            case "goodbye":
                self.goodbyes.append(dict(frame))
            case "error":
                self._fault("refused", frame)

    def _receive_welcome(self, frame: Mapping[str, Any]) -> None:
        self.connections += 1
        self.topic = frame["topic"]
        self._awaits_snapshot = not frame["resumed"]
        if frame["resumed"]:
            if frame["epoch"] != self.board.epoch or self.board.position is None:
                self._fault("resumed in another epoch", frame)
            else:
                self.resumed_over += frame["position"] - self.board.position

    def _receive_snapshot(self, frame: Mapping[str, Any]) -> None:
        went_back = frame["epoch"] == self.board.epoch and frame["position"] < self.board.position
        if went_back or not self._awaits_snapshot:
            self._fault("a snapshot out of order", frame)
        self._awaits_snapshot = False
        self.snapshots += 1
        self.board = self.board.apply(frame)
        self.begun_at, self.positions = frame["position"], 0

    def _receive_changes(self, frame: Mapping[str, Any]) -> None:
        expected = (self.board.epoch, (self.board.position or 0) + 1)
        if (frame["epoch"], frame["from"]) != expected or self._awaits_snapshot:
            self._fault(f"expected {expected}", frame)
        covered = frame["to"] - frame["from"] + 1
        if not 0 < len({change["key"] for change in frame["changes"]}) <= covered:
            self._fault("rows and positions do not agree", frame)
        self.positions += covered
        self.board = self.board.apply(frame)

    def _note_progress(self, rows: Iterable[dict[str, Any] | None]) -> None:
        """Records progress as a page shows it: a tick older than its row is ignored."""
        for row in rows:
            if row and "done" in row:
                held = self.board.rows.get(row["key"], row)
                if row["version"] >= held["version"]:
                    self.progress.append((row["state"], row["done"]))

    def _fault(self, reason: str, frame: Mapping[str, Any]) -> None:
        head = {name: value for name, value in frame.items() if name not in ("rows", "changes")}
        self.faults.append(f"{reason}: {head}")

    def has_reached(self, fresh: Board) -> bool:
        return self.board.epoch == fresh.epoch and (self.board.position or 0) >= fresh.position

    def differences(self, fresh: Board) -> list[str]:
        """Lists every difference between this page and a reload: rows, position, faults."""
        found = list(self.faults)
        if (self.board.epoch, self.board.position) != (fresh.epoch, fresh.position):
            found.append(f"is at {self.board.position}, not at {fresh.position}")
        if self.begun_at + self.positions != self.board.position:
            found.append(f"saw {self.positions} positions from {self.begun_at} on")
        keys = self.board.rows.keys() | fresh.rows.keys()
        changed = [key for key in keys if self.board.rows.get(key) != fresh.rows.get(key)]
        return found + [f"row {key} differs" for key in sorted(changed)]
