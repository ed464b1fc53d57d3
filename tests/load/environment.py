"""The servers and the database that all benchmarks use.

PostgreSQL and Valkey are the embedded ones, durable as in production. One core belongs to the
measured process (see processes.py); everything else shares the other cores.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from project.embedded import database_url, redis_url
from project.embedded.sharing import embedded_servers, stop_abandoned
from project.environment.reader import Environment
from tests.load.machine import others, pinned

PREFIX = "recruit-bench-"
SECRET_KEY = "a-key-of-the-benchmarks-and-nothing-else"  # measured processes run as in production


@contextmanager
def prepared() -> Iterator[None]:
    """Starts servers, loads settings and Django, migrates; removes everything afterwards."""
    for name in Environment.model_fields:
        os.environ.pop(name.upper(), None)
    for lease in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/servers.lease"):
        _remove(lease.parent)
    home = Path(tempfile.mkdtemp(prefix=PREFIX))
    home.chmod(0o755)  # as root, PostgreSQL runs under another account, which needs access
    (home / "static").mkdir()
    try:
        with pinned(others()), embedded_servers(home):
            os.environ |= {"DATA_DIR": str(home), "SECRET_KEY": SECRET_KEY}
            os.environ |= {"DATABASE_URL": database_url(home), "REDIS_URL": redis_url(home)}
            _set_up_django()
            yield
    finally:
        _remove(home)


def _remove(home: Path) -> None:
    """Deletes a run's files and servers, unless that run is still active."""
    is_ours = home.stat().st_uid == os.geteuid()
    if is_ours and (not (home / "servers.lease").exists() or stop_abandoned(home)):
        shutil.rmtree(home, ignore_errors=True)


def _set_up_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    import django

    django.setup()
    # The baseline's layer logs every change it drops; the table says how many arrived.
    logging.getLogger("channels_redis").setLevel(logging.WARNING)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
