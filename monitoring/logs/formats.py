"""Log formatters: coloured console, plain files, JSON. All of them remove personal data.

The formatters do it, not a logging filter: all handlers share one record, and Sentry's handler
needs the full exception in it.
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
    """The formatted message without personal data."""
    text = _formatted_message(record)
    arguments = record.args or ()
    errors = [one for one in arguments if isinstance(one, BaseException)]
    if record.exc_info and record.exc_info[1] is not None:
        errors.append(record.exc_info[1])
    for error in errors:
        text = privacy.redact_exceptions(error, text)
    return scrub_text(text)


def _formatted_message(record: logging.LogRecord) -> str:
    """The message with its arguments, each replaced by its safe representation."""
    text = str(privacy.safe_value(record.msg))
    if not record.args:
        return text
    try:
        if isinstance(record.args, dict):
            return text % _safe_mapping(record.args)
        return text % tuple(scrub(privacy.safe_value(value)) for value in record.args)
    except (TypeError, ValueError, KeyError):  # e.g. %d with an argument that is now a string
        return text


def _safe_mapping(arguments: dict[str, Any]) -> dict[str, Any]:
    """Celery passes an exception as its repr; only the part before the bracket, the type, stays."""
    safe: dict[str, Any] = privacy.safe_value(arguments)
    if "exc" in safe:
        safe["exc"] = str(safe["exc"]).partition("(")[0]
    return safe


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """The `extra` fields of a line, scrubbed."""
    extra = {
        name: value
        for name, value in record.__dict__.items()
        if name not in _RESERVED and not name.startswith("_")
    }
    scrubbed: dict[str, Any] = scrub(privacy.safe_value(extra))
    return scrubbed


class PrivateFormatter(logging.Formatter):
    """Formats a redacted copy of the record."""

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
    """The message, followed by ids and fields in brackets: `Slow query [request_id=… ms=240]`."""

    def redacted(self, record: logging.LogRecord) -> logging.LogRecord:
        one = super().redacted(record)
        known = {name: value for name, value in context.ids(record).items() if value is not None}
        pairs = " ".join(f"{name}={value}" for name, value in (known | fields_of(record)).items())
        one.msg = f"{one.msg} [{pairs}]" if pairs else one.msg
        return one


class ColouredFormatter(PlainFormatter, ColoredFormatter):
    """PlainFormatter with colour, if the output is a terminal."""


class JsonLineFormatter(PrivateFormatter, JsonFormatter):
    """One JSON object per line. Missing ids are null, so that all lines have the same keys."""

    def redacted(self, record: logging.LogRecord) -> logging.LogRecord:
        one = super().redacted(record)
        one.__dict__ |= context.ids(record) | fields_of(record)
        return one

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
