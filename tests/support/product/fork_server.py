"""Starts processes by forking from one that has imported the libraries, which is most of a start.

The forked process behaves like a fresh one from its own first line on: it has its own process
group, environment and output, because the libraries imported before read none of these. Starting
the product by its own commands is tested in tests/acceptance/test_run_command.py.
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

# Excluded: our own packages, and modules that open something or read the environment at import
# (twisted, prometheus_client, parts of celery).
PRELOADED = (
    "asgiref", "babel", "celery", "channels", "channels_redis", "csp", "django", "django_filters",
    "drf_spectacular", "holidays", "icalendar", "jsonschema", "kombu", "limits", "openpyxl",
    "phonenumbers", "psycopg", "psycopg_binary", "psycopg_pool", "pydantic", "pydantic_core",
    "pydantic_settings", "pypinyin", "redis", "rest_framework", "sentry_sdk", "yaml",
)  # fmt: skip
NOT_PRELOADED = ("celery.apps", "celery.bin", "celery.concurrency", "celery.contrib")
READ_AT_IMPORT = {"REMAP_SIGTERM"}  # by billiard: a process that changes it must start fresh
MODULES_VARIABLE = "PRELOADED_MODULES"
_context = multiprocessing.get_context("forkserver")


def can_start(env: dict[str, str]) -> bool:
    """True if a forked process with this environment equals a freshly started one."""
    return not READ_AT_IMPORT & env.keys()


class ForkedProcess:
    """Runs a `python …` command; has the part of subprocess.Popen's interface that tests use.

    output: the file descriptor for its stdout and stderr.
    """

    def __init__(self, command: list[str], env: dict[str, str], cwd: str, output: int) -> None:
        os.environ[MODULES_VARIABLE] = " ".join(_preloadable_modules())
        _context.set_forkserver_preload([__name__])
        inherited = _InheritedDescriptor(output)
        self._process = _context.Process(
            target=_run_command, args=(command[1:], env, cwd, inherited)
        )
        self._process.start()
        del os.environ[MODULES_VARIABLE]
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


class _InheritedDescriptor:
    """A file descriptor that is duplicated when it is pickled for another process."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_descriptor, (DupFd(self.descriptor),)


def _restore_descriptor(duplicate: Any) -> int:
    descriptor: int = duplicate.detach()
    return descriptor


def _preloadable_modules() -> list[str]:
    """Returns the imported library modules by name; each import brings its own dependencies."""
    return [
        name
        for name in sorted(sys.modules)
        if name.partition(".")[0] in PRELOADED and not name.startswith(NOT_PRELOADED)
    ]


def _run_command(arguments: list[str], env: dict[str, str], cwd: str, output: int) -> None:
    """Runs the command in the new process, with its own session, output and environment."""
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
    finally:  # an interpreter does this at its end, a child of multiprocessing does not
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()


def _run(arguments: list[str]) -> None:
    is_module = arguments[0] == "-m"
    sys.argv = arguments[is_module:]
    from project.running.supervisor import die_with_parent  # our code reads its arguments at import

    die_with_parent(signal.SIGTERM)
    if is_module:
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(arguments[0], run_name="__main__")


def _preload() -> None:
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # each process has its own settings
    for name in os.environ.pop(MODULES_VARIABLE).split():
        try:
            importlib.import_module(name)
        except Exception:
            # It needs settings, which only the final process has; or it is Sentry's integration
            # for a library that is not installed.
            continue


if MODULES_VARIABLE in os.environ:
    _preload()
