"""What can happen in a history: each act calls services, or writes without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from interview import services
from interview.bulk.plans import StalePlan
from jobs.applications import services as application_services
from jobs.merging.refusals import MergeRefused
from tests.support.histories.world import Choose, NothingToDo, World

Act = Callable[[World, Choose], object]

ACTS: dict[str, Act] = {}
LEADS_ON = ("interview_", "room_shift", "scorecard_save", "task_run_", "sweep")
CALLED: set[str] = set()
REFUSALS = (
    ValidationError,
    NothingToDo,
    services.StaleVersion,
    services.StaleRoom,
    StalePlan,
    MergeRefused,
    application_services.StaleVersion,
    ProtectedError,
)


def act(*called: Callable[..., Any]) -> Callable[[Act], Act]:
    """Something that people, or the clock, do; and the services that it calls."""

    def enter(function: Act) -> Act:
        ACTS[function.__name__] = function
        CALLED.update(full_name(service) for service in called)
        return function

    return enter


def often() -> list[str]:
    """The names of all acts, those that lead somewhere more often than those that end it."""
    return [name for name in sorted(ACTS) for _ in range(3 if name.startswith(LEADS_ON) else 1)]


def full_name(service: Callable[..., Any]) -> str:
    return f"{service.__module__}.{service.__name__}"


def perform(name: str, world: World, choose: Choose) -> bool:
    """Do it; False when it was refused, which must leave no trace."""
    try:
        ACTS[name](world, choose)
    except REFUSALS:
        return False
    return True
