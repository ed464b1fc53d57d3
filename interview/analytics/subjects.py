"""What can be asked of a period, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable

from interview.analytics.applications import delays, funnel, stages
from interview.analytics.blocks import Block
from interview.analytics.feedback import feedback
from interview.analytics.interviews import load, reasons, sides
from interview.analytics.period import Period

SUBJECTS: dict[str, Callable[[Period], Block]] = {
    "funnel": funnel,
    "stages": stages,
    "delays": delays,
    "load": load,
    "sides": sides,
    "reasons": reasons,
    "feedback": feedback,
}
