"""Restarts an embedded server that dies while the site runs. Called by `manage.py run`."""

from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

from project.embedded.locations import EmbeddedError, Places, places
from project.embedded.sharing import SERVERS, one_at_a_time

CHECK_SECONDS = 1.0
MAX_RESTARTS = 5  # of one server in the life of a site; then somebody has to look at its log


def keep_servers_running(
    data_dir: Path, names: tuple[str, ...], *, stopping: Event, tell: Callable[[str], None]
) -> str | None:
    """Blocks until `stopping` is set; restarts each of these servers that has died.

    names: keys of SERVERS. Returns the name of a server that does not stay up, else None.
    """
    at = places(data_dir)
    restarts: Counter[str] = Counter()
    while not stopping.wait(CHECK_SECONDS):
        for name in (name for name in names if not SERVERS[name].is_alive(at)):
            restarts[name] += 1
            if restarts[name] > MAX_RESTARTS or not _restart(at, name, stopping, tell):
                return f"The embedded {name}"
    return None


def _restart(at: Places, name: str, stopping: Event, tell: Callable[[str], None]) -> bool:
    """Starts the server unless the site is stopping; False if it does not come up."""
    with one_at_a_time(at):
        if stopping.is_set() or SERVERS[name].is_running(at):
            return True
        tell(f"The embedded {name} has died. Starting it again …")
        try:
            SERVERS[name].start(at)
        except EmbeddedError as error:
            tell(str(error))
            return False
        return True
