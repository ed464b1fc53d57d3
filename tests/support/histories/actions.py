"""The registry of actions in a random history: each calls services, or writes without one."""

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

Action = Callable[[World, Choose], object]

ACTIONS: dict[str, Action] = {}
FREQUENT = ("interview_", "room_shift", "scorecard_save", "task_run_", "sweep")
CALLED_SERVICES: set[str] = set()
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


def action(*called: Callable[..., Any]) -> Callable[[Action], Action]:
    """Registers an action of people or of the clock, and the services that it calls."""

    def register(function: Action) -> Action:
        ACTIONS[function.__name__] = function
        CALLED_SERVICES.update(full_name(service) for service in called)
        return function

    return register


def weighted_names() -> list[str]:
    """Returns the names of all actions; those that make further actions possible appear thrice."""
    return [name for name in sorted(ACTIONS) for _ in range(3 if name.startswith(FREQUENT) else 1)]


def full_name(service: Callable[..., Any]) -> str:
    return f"{service.__module__}.{service.__name__}"


def perform(name: str, world: World, choose: Choose) -> bool:
    """Performs an action; False if it was refused, which must change nothing."""
    try:
        ACTIONS[name](world, choose)
    except REFUSALS:
        return False
    return True
