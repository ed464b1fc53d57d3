"""How a line looks: in colour for people, plain in files, JSON for programs.

Privacy is a matter of the formatters and not of a filter: all handlers share one record, and who
else reads it (Sentry) must find the exception in it, which here is only told in part.
"""

from __future__ import annotations

import copy
import logging
from datetime import UTC, datetime
from typing import Any

from colorlog import ColoredFormatter
from pythonjsonlogger.json import JsonFormatter

from monitoring.logs import context, privacy
from monitoring.logs.scrubbing import scrub, scrub_text

_RESERVED = frozenset(logging.makeLogRecord({}).__dict__) | {
    *("message", "asctime", "taskName", "request", "server_time", "color_message"),
    "data",  # Celery's: arguments and results of tasks
}


def sentence_of(record: logging.LogRecord) -> str:
    """What a line says, without anything personal."""
    text = _in_words(record)
    arguments = record.args or ()
    errors = [one for one in arguments if isinstance(one, BaseException)]
    if record.exc_info and record.exc_info[1] is not None:
        errors.append(record.exc_info[1])
    for error in errors:
        text = privacy.without_words_of(error, text)
    return scrub_text(text)


def _in_words(record: logging.LogRecord) -> str:
    """The sentence, in which no object speaks for itself."""
    text = str(privacy.harmless(record.msg))
    if not record.args:
        return text
    try:
        if isinstance(record.args, dict):
            return text % _told(record.args)
        return text % tuple(scrub(privacy.harmless(value)) for value in record.args)
    except (TypeError, ValueError, KeyError):  # a number was expected where something else stood
        return text


def _told(arguments: dict[str, Any]) -> dict[str, Any]:
    """Celery tells an exception by its text, of which the part before the brackets is the type."""
    told: dict[str, Any] = privacy.harmless(arguments)
    if "exc" in told:
        told["exc"] = str(told["exc"]).partition("(")[0]
    return told


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line tells beside its sentence."""
    beside = {
        name: value
        for name, value in record.__dict__.items()
        if name not in _RESERVED and not name.startswith("_")
    }
    told: dict[str, Any] = scrub(privacy.harmless(beside))
    return told


class Private(logging.Formatter):
    """Formats a copy of the record that holds nothing personal any more."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(self.told(record))

    def told(self, record: logging.LogRecord) -> logging.LogRecord:
        one = copy.copy(record)
        one.__dict__ = {name: value for name, value in vars(record).items() if name in _RESERVED}
        one.__dict__.pop("request", None)
        one.__dict__.pop("data", None)
        one.msg, one.args, one.exc_text = sentence_of(record), None, None
        return one

    def formatException(self, ei: Any) -> str:
        return privacy.traceback_of(ei[1]) if ei[1] is not None else ""


class Plain(Private):
    """A line of a file: the sentence, then whose it is, then its fields."""

    def told(self, record: logging.LogRecord) -> logging.LogRecord:
        one = super().told(record)
        known = {name: value for name, value in context.ids(record).items() if value is not None}
        pairs = " ".join(f"{name}={value}" for name, value in (known | fields_of(record)).items())
        one.msg = f"{one.msg} [{pairs}]" if pairs else one.msg
        return one


class Coloured(Plain, ColoredFormatter):
    """The same on a screen; without colour where nobody looks."""


class Json(Private, JsonFormatter):
    """An object a line; ids that there are not are null, so that each line has the same."""

    def told(self, record: logging.LogRecord) -> logging.LogRecord:
        one = super().told(record)
        one.__dict__ |= context.ids(record) | fields_of(record)
        return one

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
