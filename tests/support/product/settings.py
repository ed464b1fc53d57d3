"""The product's settings with named overrides, for processes that a test starts.

site.start("worker", **overridden_by("sample_tasks", "fast_redelivery"))

Every override is a function here that changes the settings it is given.
"""

import os
from collections.abc import Callable
from typing import Any

from project.settings import *  # noqa: F403

HASHED_STORAGE = "project.web.static_storage.ProductionStaticFilesStorage"
VARIABLE = "TEST_SETTINGS_OVERRIDES"
Settings = dict[str, Any]


def sample_tasks(settings: Settings) -> None:
    """Background tasks that only tests start."""
    settings["CELERY_IMPORTS"] = ["tests.support.product.sample_tasks"]


def fast_redelivery(settings: Settings) -> None:
    """The broker delivers a message again two seconds after a worker took it without an ack."""
    settings["CELERY_BROKER_TRANSPORT_OPTIONS"] |= {
        "visibility_timeout": 2,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }


def short_lived_children(settings: Settings) -> None:
    """A worker replaces each child process after two tasks."""
    settings["CELERY_WORKER_MAX_TASKS_PER_CHILD"] = 2


def failing_views(settings: Settings) -> None:
    """Pages and tasks that raise."""
    settings["ROOT_URLCONF"] = "tests.support.product.failing_views"
    settings["CELERY_IMPORTS"] = ["tests.support.product.failing_views"]


def unreliable_layer(settings: Settings) -> None:
    """A channel layer that loses, duplicates and reorders wake-ups."""
    backend = "tests.support.faults.failure_injection.UnreliableLayer"
    settings["CHANNEL_LAYERS"]["default"]["BACKEND"] = backend


def hashed_static_files(settings: Settings) -> None:
    """Static files as in production: collected before, named by content, cached for ever."""
    settings["STORAGES"]["staticfiles"]["BACKEND"] = HASHED_STORAGE
    settings["WHITENOISE_USE_FINDERS"] = False


OVERRIDES: dict[str, Callable[[Settings], None]] = {
    override.__name__: override
    for override in (
        sample_tasks,
        fast_redelivery,
        short_lived_children,
        failing_views,
        unreliable_layer,
        hashed_static_files,
    )
}


def overridden_by(*names: str) -> dict[str, str]:
    """Returns the environment variables that make a process use these overrides."""
    unknown = set(names) - OVERRIDES.keys()
    assert not unknown, f"no such override: {unknown}"
    return {"DJANGO_SETTINGS_MODULE": __name__, VARIABLE: " ".join(names)}


for name in os.environ.get(VARIABLE, "").split():
    OVERRIDES[name](globals())
