"""The registry of reports, in the order of the page. Keys are the `what` of the address."""

from __future__ import annotations

from collections.abc import Callable

from interview.analytics.feedback import feedback
from interview.analytics.hiring import delays, funnel, stages
from interview.analytics.interviews import load, reasons, sides
from interview.analytics.period import Period
from interview.analytics.report import Report

REPORTS: dict[str, Callable[[Period], Report]] = {
    "funnel": funnel,
    "stages": stages,
    "delays": delays,
    "load": load,
    "sides": sides,
    "reasons": reasons,
    "feedback": feedback,
}
