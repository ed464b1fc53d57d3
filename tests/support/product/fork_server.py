"""Starts Python processes by forking from one that has imported what they need, most of a start.

A fork server preloads either the libraries or, for one environment, also the product. A process
forked from it behaves like a fresh one: it has its own process group, environment and output.
Starting the product by its own commands is tested in tests/acceptance/test_run_command.py.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, Literal, NoReturn

# Excluded: modules that open something or read the environment at import (twisted,
# prometheus_client, parts of celery).
LIBRARIES = (
    "asgiref", "babel", "celery", "channels", "channels_redis", "csp", "django", "django_filters",
    "drf_spectacular", "holidays", "icalendar", "jsonschema", "kombu", "openpyxl",
    "phonenumbers", "psycopg", "psycopg_binary", "psycopg_pool", "pydantic", "pydantic_core",
    "pydantic_settings", "pypinyin", "redis", "rest_framework", "sentry_sdk", "yaml",
)  # fmt: skip
NOT_PRELOADED = ("celery.apps", "celery.bin", "celery.concurrency", "celery.contrib")
READ_AT_IMPORT = {"REMAP_SIGTERM"}  # by billiard: a process that changes it must start fresh
CHANGES_WITH_EACH_TEST = "PYTEST_CURRENT_TEST"
MODULES_VARIABLE = "PRELOADED_MODULES"
PRODUCT_VARIABLE = "PRELOADED_PRODUCT"
REQUEST_BYTES = 1 << 20
REPLY_BYTES = 32
READY = b"ready"


Preloaded = Literal["libraries", "product"]


def preloaded(env: dict[str, str], *, product: bool) -> Preloaded | None:
    """Returns what may be loaded before a process with this environment is forked.

    product: the environment is shared by many processes. None: start it without a fork server.
    """
    if READ_AT_IMPORT & env.keys():
        return None
    return "product" if product else "libraries"


class ForkedProcess:
    """Runs a `python …` command; has the part of subprocess.Popen's interface that tests use.

    output: the file descriptor for its stdout and stderr.
    """

    def __init__(
        self, command: list[str], env: dict[str, str], cwd: str, output: int, preloaded: Preloaded
    ) -> None:
        env = {name: value for name, value in env.items() if name != CHANGES_WITH_EACH_TEST}
        server = _server(frozenset(env.items()) if preloaded == "product" else None)
        self._exit_status, status = os.pipe()
        request = {"arguments": command[1:], "env": env, "cwd": cwd}
        self.pid = server.fork(request, output, status)
        os.close(status)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self._read_status(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._read_status(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def _read_status(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._exit_status], [], [], timeout)[0]:
            self.returncode = int(os.read(self._exit_status, REPLY_BYTES))
            os.close(self._exit_status)
        return self.returncode


class ForkServer:
    """A fork server, of the product if an environment is given; it ends when this process ends."""

    def __init__(self, env: dict[str, str] | None) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        preloads = {
            MODULES_VARIABLE: " ".join(_preloadable_modules()),
            PRODUCT_VARIABLE: "yes" if env else "",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=theirs,
            env=os.environ | (env or {}) | preloads,
            start_new_session=True,
        )
        theirs.close()
        assert self._socket.recv(REPLY_BYTES) == READY

    def fork(self, request: dict[str, Any], output: int, status: int) -> int:
        """Starts the requested process; returns its id.

        status: the file descriptor that its exit code is written to.
        """
        socket.send_fds(self._socket, [json.dumps(request).encode()], [output, status])
        return int(self._socket.recv(REPLY_BYTES))


@functools.cache
def _server(env: frozenset[tuple[str, str]] | None) -> ForkServer:
    return ForkServer(dict(env) if env else None)


def _preloadable_modules() -> list[str]:
    """Returns the imported library modules by name; each import brings its own dependencies."""
    return [
        name
        for name in sorted(sys.modules)
        if name.partition(".")[0] in LIBRARIES and not name.startswith(NOT_PRELOADED)
    ]


def main() -> None:
    """Forks a process for each request on stdin, which is a socket, until that is closed."""
    preload()
    requests = socket.socket(fileno=os.dup(0))
    ended, wake_up = os.pipe()
    os.set_blocking(wake_up, False)
    signal.set_wakeup_fd(wake_up)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)  # only wakes the loop up
    statuses: dict[int, int] = {}
    requests.send(READY)
    while True:
        ready, _, _ = select.select([requests, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _report_ended(statuses)
        if requests in ready:
            message, descriptors, _, _ = socket.recv_fds(requests, REQUEST_BYTES, 2)
            if not message:
                return
            output, status = descriptors
            pid = os.fork()
            if pid == 0:
                _become(json.loads(message), output, (requests.fileno(), ended, wake_up, status))
            os.close(output)
            statuses[pid] = status
            requests.send(str(pid).encode())


def preload() -> None:
    """Imports the modules, and sets the product up, as the environment says."""
    loads_product = os.environ.pop(PRODUCT_VARIABLE, "")
    if not loads_product:
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # each process has its own settings
    for name in os.environ.pop(MODULES_VARIABLE).split():
        try:
            importlib.import_module(name)
        except Exception:
            # It needs settings, which only the final process has; or it is Sentry's integration
            # for a library that is not installed.
            continue
    if loads_product:
        import django
        from django.urls import get_resolver

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
        django.setup()
        _ = get_resolver().url_patterns


def _report_ended(statuses: dict[int, int]) -> None:
    """Writes the exit code of each process that has ended to its pipe."""
    for pid, pipe in list(statuses.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            os.write(pipe, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(pipe)
            del statuses[pid]


def _become(request: dict[str, Any], output: int, not_inherited: tuple[int, ...]) -> NoReturn:
    """Turns the forked process into the requested one, and ends it as an interpreter does."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    _replace_streams(output)
    for descriptor in (*not_inherited, output):
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.path[0] = request["cwd"]
    code = _exit_code(request["arguments"])
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


def _replace_streams(output: int) -> None:
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    for stream in (1, 2):
        os.dup2(output, stream)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _exit_code(arguments: list[str]) -> int:
    """Runs the command; returns its exit code."""
    try:
        _run(arguments)
    except SystemExit as error:
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)  # noqa: T201
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _run(arguments: list[str]) -> None:
    is_module = arguments[0] == "-m"
    sys.argv = arguments[is_module:]
    from project.running.supervisor import die_with_parent  # our code reads its arguments at import

    die_with_parent(signal.SIGTERM)
    if is_module:
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main()
