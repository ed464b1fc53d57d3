"""Starts the servers, then loads the settings and Django. Domain objects come from people.py."""

import atexit
import gc
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
# With it every process that the tests start would compile the product again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
os.environ["CACHE_PAGES"] = "no"  # a rolled-back test never commits, so nothing would invalidate it
os.environ["RATE_LIMITS"] = "off"  # all tests share one address
os.environ["MESSAGE_DELAY_SECONDS"] = "0"  # tests of other things do not wait for their messages
if translations.is_stale():  # before the setup, which loads the catalogue
    translations.compile_catalogue()
django.setup()
# A worker process that inherited this would read the settings before it has its own servers.
del os.environ["DJANGO_SETTINGS_MODULE"]

# jsonschema would compile a grammar of international addresses at import, which takes two seconds.
# No schema of ours uses that format; None lets the optional import fail.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

# No deadline: on a busy machine an example may be slow without being wrong.
hypothesis.settings.register_profile("recruit", deadline=None)
hypothesis.settings.load_profile("recruit")

GARBAGE_THRESHOLD = 20_000  # objects; Python's 700 costs a tenth of the tests' CPU time
MAX_ID_BYTES = 60  # longer byte parameters need an explicit id

pytest_plugins = [
    "tests.people",
    "tests.support.product.clock",
    "tests.support.external.smtp_server",
    "tests.support.product.processes",
    "tests.support.product.static_files",
    "tests.support.faults.redis_away",
    "tests.support.robots",
    "tests.support.product.pages",
    "tests.support.product.migrated_database",
    "tests.support.product.database_cleanup",
    "tests.support.product.whitenoise_files",
]


def pytest_configure(config: pytest.Config) -> None:
    """Stops the servers at the end of the session, also on SIGTERM."""
    config.add_cleanup(servers.close)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def pytest_collection_finish() -> None:
    """Keeps the garbage collector from scanning the imported modules again and again.

    Nothing that exists by now becomes garbage, and Django's queries allocate thousands of objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> None:
    """Requires an explicit id for long byte parameters.

    All processes of the suite must give a test the same name, and an archive contains the time.
    """
    if isinstance(val, bytes) and len(val) > MAX_ID_BYTES:
        raise pytest.UsageError(f"Give {argname} an id: {val[:MAX_ID_BYTES]!r} … is too long.")


@pytest.fixture(autouse=True)
def _texts_are_english() -> Iterator[None]:
    """Resets the language, which a request of an earlier test may have changed."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Keeps the databases: their server is removed, and a drop races with pooled connections."""
    return True
