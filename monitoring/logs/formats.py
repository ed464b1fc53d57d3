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


def message_of(record: logging.LogRecord) -> str:
    """What a line says, without anything personal."""
    text = _formatted_message(record)
    arguments = record.args or ()
    errors = [one for one in arguments if isinstance(one, BaseException)]
    if record.exc_info and record.exc_info[1] is not None:
        errors.append(record.exc_info[1])
    for error in errors:
        text = privacy.redact_exceptions(error, text)
    return scrub_text(text)


def _formatted_message(record: logging.LogRecord) -> str:
    """The sentence, in which no object speaks for itself."""
    text = str(privacy.safe_value(record.msg))
    if not record.args:
        return text
    try:
        if isinstance(record.args, dict):
            return text % _told(record.args)
        return text % tuple(scrub(privacy.safe_value(value)) for value in record.args)
    except (TypeError, ValueError, KeyError):  # a number was expected where something else stood
        return text


def _told(arguments: dict[str, Any]) -> dict[str, Any]:
    """Celery tells an exception by its text, of which the part before the brackets is the type."""
    told: dict[str, Any] = privacy.safe_value(arguments)
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
    told: dict[str, Any] = scrub(privacy.safe_value(beside))
    return told


class PrivateFormatter(logging.Formatter):
    """Formats a copy of the record that holds nothing personal any more."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(self.redacted(record))

    def redacted(self, record: logging.LogRecord) -> logging.LogRecord:
        one = copy.copy(record)
        one.__dict__ = {name: value for name, value in vars(record).items() if name in _RESERVED}
        one.__dict__.pop("request", None)
        one.__dict__.pop("data", None)
        one.msg, one.args, one.exc_text = message_of(record), None, None
        return one

    def formatException(self, ei: Any) -> str:
        return privacy.redacted_traceback(ei[1]) if ei[1] is not None else ""


class PlainFormatter(PrivateFormatter):
    """A line of a file: the sentence, then whose it is, then its fields."""

    def redacted(self, record: logging.LogRecord) -> logging.LogRecord:
        one = super().redacted(record)
        known = {name: value for name, value in context.ids(record).items() if value is not None}
        pairs = " ".join(f"{name}={value}" for name, value in (known | fields_of(record)).items())
        one.msg = f"{one.msg} [{pairs}]" if pairs else one.msg
        return one


class ColouredFormatter(PlainFormatter, ColoredFormatter):
    """The same on a screen; without colour where nobody looks."""


class JsonLineFormatter(PrivateFormatter, JsonFormatter):
    """An object a line; ids that there are not are null, so that each line has the same."""

    def redacted(self, record: logging.LogRecord) -> logging.LogRecord:
        one = super().redacted(record)
        one.__dict__ |= context.ids(record) | fields_of(record)
        return one

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
