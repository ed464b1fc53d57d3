"""The servers of one test session: a PostgreSQL for all workers, a Valkey for each of them.

The process that starts the session owns PostgreSQL and tells the workers through the environment.
Names of channels are global to a Valkey, so workers that shared one would hear each other.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from project.embedded import database_url, redis_url
from project.embedded.sharing import embedded_servers, stop_abandoned
from project.environment.reader import Environment

SESSION_VARIABLE = "RECRUIT_TEST_SESSION"
PREFIX = "recruit-tests-"


def start_servers(until: ExitStack) -> None:
    """Start what this process lacks and point the settings at it; `until` stops it again."""
    session = os.environ.get(SESSION_VARIABLE)
    if session is None:
        session = _start_session(until)
    own = Path(session) / os.environ.get("PYTEST_XDIST_WORKER", "main")
    until.enter_context(embedded_servers(own, names=("Valkey",), durable=False))
    os.environ["REDIS_URL"] = redis_url(own)
    os.environ["DATA_DIR"] = str(own)
    (own / "static").mkdir(exist_ok=True)  # whitenoise warns when it is missing


def _start_session(until: ExitStack) -> str:
    for name in Environment.model_fields:
        # The tests' outcome depends on the code alone.
        os.environ.pop(name.upper(), None)
        os.environ.pop(f"{name.upper()}_FILE", None)
    _remove_abandoned_sessions()
    session = Path(tempfile.mkdtemp(prefix=PREFIX))
    session.chmod(0o755)  # as root PostgreSQL runs as another account, which must get in
    until.callback(_remove_session, session)
    until.enter_context(embedded_servers(session, names=("PostgreSQL",), durable=False))
    os.environ[SESSION_VARIABLE] = str(session)
    os.environ["DATABASE_URL"] = database_url(session)
    return str(session)


def _remove_session(session: Path) -> None:
    """Stop what a killed worker left running, and forget the files."""
    for lease in list(session.glob("**/servers.lease")):
        if not stop_abandoned(lease.parent):
            return
    shutil.rmtree(session, ignore_errors=True)


def _remove_abandoned_sessions() -> None:
    for session in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # another run removes it at this moment
            if session.stat().st_uid == os.geteuid() and (session / "servers.lease").exists():
                _remove_session(session)
