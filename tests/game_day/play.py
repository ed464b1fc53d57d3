"""Plays the faults one after the other, and judges what people were told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.game_day.faults import CAUSES, FAULTS
from tests.game_day.scene import Scene, scene

TOLD_WITHIN_SECONDS = 120.0
GIVEN_UP_AFTER_SECONDS = 420.0
QUIET_WITHIN_SECONDS = 900.0  # a robot pauses ten minutes, and an alert fires two more
LOOK_EVERY_SECONDS = 0.5


@dataclass(slots=True)
class Result:
    """The alerts that people received about a fault.

    seconds   from the fault to the message about its alert; None if there was none
    says      the subject of that message
    others    other alerts that were told until the site worked again
    repaired  whether people were told that it is over
    """

    fault: str
    alert: str
    after: str
    seconds: float | None = None
    says: str = ""
    others: set[str] = field(default_factory=set)
    repaired: bool = False

    @property
    def is_right(self) -> bool:
        in_time = self.seconds is not None and self.seconds <= TOLD_WITHIN_SECONDS
        return in_time and not self.others and self.repaired


def play(
    *, only: Sequence[str] | None, pairs: bool, factor: float, hold_seconds: float
) -> list[Result]:
    """Cause these faults, by default all; return what was told about each.

    hold_seconds: for which a fault lasts after it was told, so that consequences would be told
    """
    order = every_pair(CAUSES) if pairs else list(only or FAULTS)
    results: list[Result] = []
    with scene(factor) as ground:
        for name in order:
            before = results[-1].fault if results else "nothing"
            result = Result(name, FAULTS[name].alert, before)
            results.append(result)
            _cause(ground, result, hold_seconds)
            print(row(result), flush=True)  # noqa: T201 progress of a long run
        _wait_until_all_is_repaired(ground, results)
    return results


def _cause(ground: Scene, result: Result, hold_seconds: float) -> None:
    """Cause the fault, hold it after its alert has been told, and wait for its repair."""
    fault = FAULTS[result.fault]
    _wait_until_repaired(ground, fault.alert)  # an alert that still fires would not be told again
    ground.wait_until_ready()
    told_before = len(ground.told())
    began = time.monotonic()
    with fault.cause(ground):
        while time.monotonic() - began < GIVEN_UP_AFTER_SECONDS and result.seconds is None:
            time.sleep(LOOK_EVERY_SECONDS)
            for message in ground.told()[told_before:]:
                if message.is_firing and message.alert == result.alert:
                    result.seconds, result.says = message.at - began, message.subject
        time.sleep(hold_seconds)
    ground.wait_until_ready()
    new = {one.alert for one in ground.told()[told_before:] if one.is_firing}
    result.others = new - {result.alert}


def _wait_until_repaired(ground: Scene, alert: str) -> None:
    """Wait until the alert, if it was told, has been told as repaired."""
    ends_at = time.monotonic() + QUIET_WITHIN_SECONDS
    while time.monotonic() < ends_at and ground.firing().get(alert):
        time.sleep(LOOK_EVERY_SECONDS)


def _wait_until_all_is_repaired(ground: Scene, results: Sequence[Result]) -> None:
    """Wait until every alert that was told has been told as repaired."""
    for alert in ground.firing():
        _wait_until_repaired(ground, alert)
    for result in results:
        result.repaired = ground.firing().get(result.alert) is False


def every_pair(names: Sequence[str]) -> list[str]:
    """Return a sequence in which each name directly follows each other name exactly once."""
    left = {name: [other for other in names if other != name] for name in names}
    path, circuit = [names[0]], []
    while path:
        if left[path[-1]]:
            path.append(left[path[-1]].pop())
        else:
            circuit.append(path.pop())
    return circuit[::-1]


def table(results: Sequence[Result], *, factor: float) -> str:
    """Return the table in Markdown."""
    waits = "" if factor == 1 else f" (waits of the rules divided by {factor:g})"
    head = f"| fault | directly after | alert | told after{waits} | says | anything else |"
    return "\n".join([head, "|---|---|---|---|---|---|", *map(row, results)])


def row(result: Result) -> str:
    seconds = "never" if result.seconds is None else f"{result.seconds:.0f} s"
    others = ", ".join(sorted(result.others)) or "nothing"
    parts = (result.fault, result.after, f"`{result.alert}`", seconds, result.says, others)
    return f"| {' | '.join(parts)} |"
