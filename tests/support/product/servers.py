"""The servers of a test session: one PostgreSQL for all workers, and one Valkey for each worker.

The process that starts the session owns PostgreSQL and passes its address to the workers in the
environment. Channel names are global in a Valkey, so workers must not share one.
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
    """Starts the missing servers and points the settings at them; `until` stops them."""
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
        # The result must depend on the code alone, not on the caller's environment.
        os.environ.pop(name.upper(), None)
        os.environ.pop(f"{name.upper()}_FILE", None)
    _remove_abandoned_sessions()
    session = Path(tempfile.mkdtemp(prefix=PREFIX))
    session.chmod(0o755)  # as root, PostgreSQL runs under another account, which needs access
    until.callback(_remove_session, session)
    until.enter_context(embedded_servers(session, names=("PostgreSQL",), durable=False))
    os.environ[SESSION_VARIABLE] = str(session)
    os.environ["DATABASE_URL"] = database_url(session)
    return str(session)


def _remove_session(session: Path) -> None:
    """Stops servers that a killed worker left running, and deletes the session's files."""
    for lease in list(session.glob("**/servers.lease")):
        if not stop_abandoned(lease.parent):
            return
    shutil.rmtree(session, ignore_errors=True)


def _remove_abandoned_sessions() -> None:
    for session in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # another run removes it at this moment
            if session.stat().st_uid == os.geteuid() and (session / "servers.lease").exists():
                _remove_session(session)
