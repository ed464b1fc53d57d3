"""Servers, settings and Django, in this order; no domain objects (people.py and factories.py)."""

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import django
import hypothesis
import pytest
from django.utils import translation

from project import translations
from tests.support.product.servers import start_servers

# At import: other conftest files and plugins of ours import models, so Django must be ready first.
servers = ExitStack()
atexit.register(servers.close)
start_servers(servers)
# Or each of the many processes to come would compile the product anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
os.environ["CACHE_PAGES"] = "no"  # a test that is rolled back never commits, and so forgets nothing
os.environ["RATE_LIMITS"] = "off"  # everybody comes from one address, as often as it takes
django.setup()
# A worker that inherited this would read the settings before it had servers of its own.
del os.environ["DJANGO_SETTINGS_MODULE"]
if translations.is_stale():
    translations.compile_catalogue()

# A busy machine is no finding: no example is judged by the time it took.
hypothesis.settings.register_profile("recruit", deadline=None)
hypothesis.settings.load_profile("recruit")

LONGEST_NAME = 60  # of a parameter that is bytes, in bytes

pytest_plugins = [
    "tests.people",
    "tests.support.product.clock",
    "tests.support.external.smtp_server",
    "tests.support.product.processes",
    "tests.support.robots",
    "tests.support.product.database_cleanup",
]


def pytest_configure(config: pytest.Config) -> None:
    """Stop the servers with the session, also when it is told to end."""
    config.add_cleanup(servers.close)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> None:
    """Processes that share the suite must know each test by the same name: what is written into an
    archive tells the time of day.
    """
    if isinstance(val, bytes) and len(val) > LONGEST_NAME:
        raise pytest.UsageError(f"Name what {argname} is: {val[:LONGEST_NAME]!r} … is no name.")


@pytest.fixture(autouse=True)
def _words_are_english() -> Iterator[None]:
    """What a request of an earlier test spoke must not decide what this one reads."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Databases go with their server; dropping them first would race with pooled connections."""
    return True
