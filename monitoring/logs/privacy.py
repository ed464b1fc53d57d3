"""Safe representations of objects and exceptions in log lines, applied before `scrubbing`.

Names look like any other word. So objects are never converted to text (str() of a candidate is
their name), nor are exceptions, unless their text comes from the interpreter or a server.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

import psycopg
import redis
from django.core.exceptions import DisallowedHost

from monitoring.logs.scrubbing import scrub_text

_PLAIN = (str, int, float, Decimal, UUID, date, time, timedelta, Enum, PurePath, type(None))
_SAFE_DATABASE_ERRORS = (psycopg.IntegrityError, psycopg.OperationalError, psycopg.ProgrammingError)
_SAFE_ERRORS = (redis.ConnectionError, redis.TimeoutError, DisallowedHost)


def safe_value(value: Any) -> Any:
    """A loggable form of a value: plain types unchanged, other objects as `<Class id>`."""
    if isinstance(value, BaseException):
        return exception_text(value)
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, _PLAIN) else str(safe_value(key)): safe_value(one)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [safe_value(one) for one in value]
    if isinstance(value, _PLAIN):
        return value
    key = getattr(value, "pk", None)
    return f"<{type(value).__name__}{f' {key}' if isinstance(key, int | UUID) else ''}>"


def exception_text(error: BaseException) -> str:
    """The type of an exception, followed by its text if that cannot contain personal data."""
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    text = _safe_text(error)
    return scrub_text(f"{name}: {text}") if text else name


def _safe_text(error: BaseException) -> str:
    if isinstance(error, psycopg.Error) or isinstance(error.__cause__, psycopg.Error):
        return _database_text(error if isinstance(error, psycopg.Error) else error.__cause__)
    if isinstance(error, _SAFE_ERRORS):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or ""  # without the file name, which users choose
    if isinstance(error, AttributeError | NameError | ImportError):
        return repr(error.name) if error.name else ""  # only the interpreter sets the name
    return ""


def _database_text(error: BaseException | None) -> str:
    """SQLSTATE and primary message; never the detail, which quotes rows, nor invalid values."""
    assert isinstance(error, psycopg.Error)
    if not isinstance(error, _SAFE_DATABASE_ERRORS):
        return error.sqlstate or ""
    first_line = error.diag.message_primary or str(error).partition("\n")[0]
    return f"{error.sqlstate} {first_line}" if error.sqlstate else first_line


def redacted_traceback(error: BaseException, seen: frozenset[int] = frozenset()) -> str:
    """The traceback with its causes, without values. seen: ids of exceptions already included."""
    seen |= {id(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    parts = []
    if cause is not None and id(cause) not in seen:
        parts += [redacted_traceback(cause, seen), "\nwhich led to:\n\n"]
    parts += ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
    parts += [exception_text(error), "\n"]
    for one in getattr(error, "exceptions", ()) if isinstance(error, BaseExceptionGroup) else ():
        parts += ["\namong them:\n\n", redacted_traceback(one, seen), "\n"]
    return "".join(parts).rstrip("\n")


def related_exceptions(error: BaseException | None) -> Iterator[BaseException]:
    """Yields the exception, its causes and contexts, and the members of exception groups."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def redact_exceptions(error: BaseException, text: str) -> str:
    """Replaces the texts of the exception and of related ones in `text` by their class names."""
    for one in related_exceptions(error):
        texts = {repr(one), str(one), *(str(part) for part in one.args)}
        texts |= {words.encode("unicode_escape").decode() for words in texts}  # as Django logs it
        for words in sorted((w for w in texts if len(w) > 1), key=len, reverse=True):
            if words in text and words not in exception_text(one):
                text = text.replace(words, f"<{type(one).__name__}>")
    return text
