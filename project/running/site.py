"""The site as a whole: what happens before it serves, which processes it has, what it says."""

import contextlib
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import cast

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from project import translations
from project.embedded import watch
from project.embedded.sharing import missing_servers
from project.environment.secret_files import with_values
from project.running import CannotRun, demo, flower
from project.running.checks import database_answers, one_line, redis_answers
from project.running.processes import SOFT_STOP, commands
from project.running.supervisor import Runner

HOST = "127.0.0.1"
WORKER_PROCESSES = 2
FIRST_WEB_METRICS = 3  # after the metrics ports of relay, worker and beat
READY_SECONDS = 120  # of a busy machine
PAUSE_SECONDS = 0.1
Tell = Callable[[str], None]


def given_servers_answer() -> None:
    """Raises CannotRun, naming the variable, when an address was given and nobody answers there."""
    missing = missing_servers(settings.ENVIRONMENT)
    if "PostgreSQL" not in missing:
        database_answers(settings.DATABASE_URL)
    if "Valkey" not in missing:
        redis_answers(settings.REDIS_URL)


def prepare(tell: Tell) -> None:
    """Bring database, translations, static files and demo data to where the site can serve.

    Raises CannotRun with one sentence for the first thing that fails.
    """
    with _step("Bringing the database up to date", tell):
        call_command("migrate", interactive=False, verbosity=0)
    if translations.is_stale():
        with _step("Compiling the translations", tell):
            translations.compile_catalogue()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if not settings.DEBUG:
        with _step("Collecting static files", tell):
            call_command("collectstatic", interactive=False, verbosity=0)
    if demo.serves_demo() and not get_user_model().objects.exists():
        with _step("Loading demo data", tell):
            call_command("load_demo", verbosity=0)
    demo.refuse_an_open_demo()


@contextlib.contextmanager
def _step(name: str, tell: Tell) -> Iterator[None]:
    tell(f"{name} …")
    try:
        yield
    except (OSError, DatabaseError) as error:
        raise CannotRun(f"{name} failed: {one_line(error)}.") from error


def runner(port: int, *, tell: Tell, play: bool = False) -> Runner:
    """The processes of the site, not yet started. play: with a fictional interview day.

    The web process begins first: on a machine with few processors they would slow each other.
    """
    env = environment(port)
    command = commands()
    queues = ["--queues", "default,notify,bulk", "--concurrency", str(WORKER_PROCESSES)]
    people = demo.sign_ins()
    close_connections()
    site = Runner()
    site.add_background(lambda: announce(port, people, tell, on_ready=site.begin_others))
    _add_web(site, [*command["web"], "--host", HOST, "--port", str(port)], env)
    site.add("relay", command["relay"], with_values(env, metrics_port(0)))
    worker = [*command["worker"], *queues]
    site.add_later("worker", worker, with_values(env, SOFT_STOP | metrics_port(1)))
    site.add_later("beat", command["beat"], with_values(env, metrics_port(2)))
    if settings.ENVIRONMENT.flower:
        site.add_later("flower", flower.command(), env)
    if play:
        day = [sys.executable, str(settings.BASE_DIR / "manage.py"), "simulate_day"]
        site.add_later("day", [*day, "--speed", "60"], env, once=True)
    return site


def _add_web(site: Runner, command: list[str], env: dict[str, str]) -> None:
    """Add the web process, or several that share the port and have metrics ports of their own."""
    number = settings.ENVIRONMENT.web_processes
    if number == 1:
        site.add("web", command, env)
        return
    for place in range(number):
        own = with_values(env, metrics_port(FIRST_WEB_METRICS + place))
        site.add(f"web-{place + 1}", [*command, "--share-port"], own)


def keep_servers_running(site: Runner, names: tuple[str, ...], tell: Tell) -> None:
    """Restarts embedded servers that die; stops the site if one of them does not stay up."""
    culprit = watch.keep_servers_running(
        settings.DATA_DIR, names, stopping=site.stopping, tell=tell
    )
    if culprit:
        site.stop_because_of(culprit)


def environment(port: int) -> dict[str, str]:
    """Returns the environment variables that all processes of the site share."""
    values = {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "LOG_DIR": str(settings.LOG_DIR or settings.DATA_DIR / "logs"),
    }
    if sys.stderr.isatty():  # the processes write to us, and so cannot see who reads
        values["FORCE_COLOR"] = "1"
    if settings.ENVIRONMENT.flower:
        values |= flower.environment()
    return with_values(os.environ, values)


def metrics_port(place: int) -> dict[str, str]:
    """Where the process in this place serves its metrics: counted from the first one's port."""
    base = settings.ENVIRONMENT.metrics_base_port
    return {"METRICS_PORT": str(base + place if base else 0)}


def close_connections() -> None:
    """Close every connection: the processes to come must not inherit one."""
    database = cast(DatabaseWrapper, connections["default"])
    database.close()
    database.close_pool()


def announce(port: int, people: str, tell: Tell, on_ready: Callable[[], None]) -> None:
    """Say where the site is and who may sign in, as soon as it answers; then call `on_ready`."""
    address = f"http://{HOST}:{port}/"
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(f"{address}healthz"):
        if time.monotonic() > deadline:
            tell(f"The site does not answer at {address} yet; see the lines above.")
            return
        time.sleep(PAUSE_SECONDS)
    on_ready()
    tell("")
    tell(f"The board is at {address}")
    if people:
        tell(people)
    if settings.ENVIRONMENT.flower:
        tell(flower.sentence())
    if not settings.EMAIL_HOST:
        tell(f"No mail server is set (EMAIL_HOST): mails are files in {settings.EMAIL_FILE_PATH}")
    tell("Ctrl-C stops everything.")
    tell("")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own page
            return bool(answer.status)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
