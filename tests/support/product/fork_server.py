"""Processes that begin with the libraries already imported: most of a start is just that.

A process forked from one that has only imported what does not look at its environment is, from its
first own line on, as real as one that was started afresh: its own group, environment and output.
How the product starts by its own commands is tried in tests/acceptance/test_run_command.py.
"""

from __future__ import annotations

import atexit
import importlib
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from multiprocessing.reduction import DupFd
from typing import Any

# Not among them: our own, and what opens something, or reads the environment, when it is imported
# (twisted, prometheus_client, parts of celery).
WARM = (
    "asgiref", "babel", "celery", "channels", "channels_redis", "csp", "django", "django_filters",
    "drf_spectacular", "holidays", "icalendar", "jsonschema", "kombu", "limits", "openpyxl",
    "phonenumbers", "psycopg", "psycopg_binary", "psycopg_pool", "pydantic", "pydantic_core",
    "pydantic_settings", "pypinyin", "redis", "rest_framework", "sentry_sdk", "yaml",
)  # fmt: skip
COLD = ("celery.apps", "celery.bin", "celery.concurrency", "celery.contrib")
READ_AT_IMPORT = {"REMAP_SIGTERM"}  # by billiard: who changes it starts afresh
NAMES = "WARM_MODULES"
_context = multiprocessing.get_context("forkserver")


def can_start(env: dict[str, str]) -> bool:
    """Whether a process with these settings is the same as one that is started afresh."""
    return not READ_AT_IMPORT & env.keys()


class Warm:
    """What subprocess.Popen would start by `python …`, with the part of its interface tests use.

    output: the descriptor it writes to.
    """

    def __init__(self, command: list[str], env: dict[str, str], cwd: str, output: int) -> None:
        os.environ[NAMES] = " ".join(_imported_here())
        _context.set_forkserver_preload([__name__])
        said = _Handed(output)
        self._process = _context.Process(target=_become, args=(command[1:], env, cwd, said))
        self._process.start()
        del os.environ[NAMES]
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()


class _Handed:
    """A descriptor on its way into another process."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self.descriptor),)


def _received(duplicate: Any) -> int:
    descriptor: int = duplicate.detach()
    return descriptor


def _imported_here() -> list[str]:
    """In no order but that of their names: each brings along what it needs."""
    return [
        name
        for name in sorted(sys.modules)
        if name.partition(".")[0] in WARM and not name.startswith(COLD)
    ]


def _become(arguments: list[str], env: dict[str, str], cwd: str, output: int) -> None:
    """In the new process: be what the command says."""
    os.setsid()
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.path[0] = cwd
    try:
        _run(arguments)
    finally:  # as an interpreter ends, and a child of multiprocessing does not
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()


def _run(arguments: list[str]) -> None:
    is_module = arguments[0] == "-m"
    sys.argv = arguments[is_module:]
    from project.running.supervisor import die_with_parent  # our own looks at its arguments at once

    die_with_parent(signal.SIGTERM)
    if is_module:
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(arguments[0], run_name="__main__")


def _warm_up() -> None:
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # settings are each process's own
    for name in os.environ.pop(NAMES).split():
        try:
            importlib.import_module(name)
        except Exception:
            # It wants settings, which only a process has; or it is what Sentry has for a library
            # that is not there, and looked at by mistake.
            continue


if NAMES in os.environ:
    _warm_up()
