"""The LOGGING setting: lines go to the console, and to files if a directory is configured."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

FILE_BYTES = 20 * 1024 * 1024
FILES_KEPT = 5
TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
IN_COLOUR = "%(asctime)s %(log_color)s%(levelname)-7s%(reset)s %(name)s: %(message)s"
FORMATTERS: dict[str, dict[str, Any]] = {
    "console": {
        "()": "monitoring.logs.formats.ColouredFormatter",
        "fmt": IN_COLOUR,
        "stream": "ext://sys.stderr",
    },
    "plain": {"()": "monitoring.logs.formats.PlainFormatter", "fmt": TEXT},
    "json": {
        "()": "monitoring.logs.formats.JsonLineFormatter",
        "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        "json_ensure_ascii": False,
    },
}


def logging_configuration(*, level: str, shape: str, directory: Path | None) -> dict[str, Any]:
    """Settings for logging.config.dictConfig.

    level      minimum level
    shape      format of lines: console or json
    directory  for recruit.log, error.log and performance.log; None: no files
    """
    handlers: dict[str, dict[str, Any]] = {
        "console": {"class": "logging.StreamHandler", "formatter": shape},
    }
    everywhere, performance = ["console"], []
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        as_text = "json" if shape == "json" else "plain"
        handlers["all"] = _file(directory / "recruit.log", as_text)
        handlers["errors"] = _file(directory / "error.log", as_text) | {"level": "ERROR"}
        handlers["performance"] = _file(directory / "performance.log", as_text)
        everywhere, performance = ["console", "all", "errors"], ["performance"]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": FORMATTERS,
        "handlers": handlers,
        "root": {"handlers": everywhere, "level": level},
        "loggers": _loggers(level) | {"monitoring.logs.slow_log": {"handlers": performance}},
    }


def _file(path: Path, formatter: str) -> dict[str, Any]:
    """A log file shared by all processes of the site, rotated by the one that finds it full.

    With Python's own handler the other processes would keep writing to the rotated file.
    """
    return {
        "class": "concurrent_log_handler.ConcurrentRotatingFileHandler",
        "filename": str(path),
        "formatter": formatter,
        "maxBytes": FILE_BYTES,
        "backupCount": FILES_KEPT,
        "encoding": "utf-8",
    }


def _loggers(level: str) -> dict[str, dict[str, Any]]:
    def at_least(other: str) -> dict[str, Any]:
        return {"level": max(level, other, key=logging.getLevelName)}

    return {
        # Django gives these their own handlers, which would repeat every line without redaction.
        "django": {"handlers": [], "level": level},
        "django.server": {"handlers": [], "propagate": True},
        # They log every periodic task, some of which run every few seconds.
        **{
            name: at_least("WARNING")
            for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace")
        },
        # Its debug lines contain URLs with tokens.
        "urllib3": at_least("INFO"),
        # Its debug lines contain statements with values.
        "django.db.backends": at_least("INFO"),
    }
