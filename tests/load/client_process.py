"""Controls a process of simulated clients (see simulated_clients.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

from tests.load.machine import others, pinned


class ClientProcess:
    """Many sockets in one process, which does not use the web process's core."""

    def __init__(self) -> None:
        with pinned(others()):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.load.simulated_clients"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self, **wanted: Any) -> dict[str, Any]:
        """Opens sockets until all are served; returns the seconds, and each delay."""
        return self._ask("open", **wanted)

    def begin(self) -> None:
        """Resets the counters."""
        self._ask("begin")

    def report(self) -> dict[str, Any]:
        """Returns what has been counted since `begin`."""
        return self._ask("report")

    def behind(self) -> int:
        """Returns the position that every socket has reached."""
        position: int = self.report()["behind"]
        return position

    def until(self, position: int, within: float = 60.0) -> dict[str, Any]:
        """Waits for this position; returns the report. Raises AssertionError on a timeout."""
        report = self._ask("until", position=position, within=within)
        assert report["behind"] >= position, f"a socket is at {report['behind']}, not {position}"
        assert report["holes"] == 0, f"{report['holes']} frames left a gap"
        assert report["lost"] == 0, f"{report['lost']} sockets were closed"
        return report

    def since(self, commits: dict[str, float]) -> dict[str, Any]:
        """Measures from commits (`key@version` → seconds since 1970) to their arrivals.

        Returns percentiles, `found` (commits) and `arrivals` (at all sockets).
        """
        return self._ask("since", commits=commits)

    def close(self) -> None:
        """Closes every socket."""
        self._ask("close")

    def _ask(self, command: str, **wanted: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": command} | wanted) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process of simulated clients has ended"
        read: dict[str, Any] = json.loads(answer)
        return read
