"""What may be told of objects and of exceptions, before `scrubbing` takes out what has a shape.

Names cannot be told from other words. So no object speaks for itself (a candidate's text is his
name) and no exception does, unless its words are the interpreter's or the server's own.
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
_SERVERS_OWN_WORDS = (psycopg.IntegrityError, psycopg.OperationalError, psycopg.ProgrammingError)
_SAFE_WORDS = (redis.ConnectionError, redis.TimeoutError, DisallowedHost)


def safe_value(value: Any) -> Any:
    """A value as it may be told: numbers, times and plain words; of other things, what they are."""
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
    """An exception's type, and its words where these can be nobody's data."""
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    said = _said_by(error)
    return scrub_text(f"{name}: {said}") if said else name


def _said_by(error: BaseException) -> str:
    if isinstance(error, psycopg.Error) or isinstance(error.__cause__, psycopg.Error):
        return _said_by_database(error if isinstance(error, psycopg.Error) else error.__cause__)
    if isinstance(error, _SAFE_WORDS):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or ""  # never the name of the file, which people choose
    if isinstance(error, AttributeError | NameError | ImportError):
        return repr(error.name) if error.name else ""  # set by the interpreter alone
    return ""


def _said_by_database(error: BaseException | None) -> str:
    """Never its detail, which holds rows; nor what it says of values that it cannot read."""
    assert isinstance(error, psycopg.Error)
    if not isinstance(error, _SERVERS_OWN_WORDS):
        return error.sqlstate or ""
    first_line = error.diag.message_primary or str(error).partition("\n")[0]
    return f"{error.sqlstate} {first_line}" if error.sqlstate else first_line


def redacted_traceback(error: BaseException, told: frozenset[int] = frozenset()) -> str:
    """Which lines of code it came through, with its causes, and no values."""
    told |= {id(error)}
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    parts = []
    if before is not None and id(before) not in told:
        parts += [redacted_traceback(before, told), "\nwhich led to:\n\n"]
    parts += ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
    parts += [exception_text(error), "\n"]
    for one in getattr(error, "exceptions", ()) if isinstance(error, BaseExceptionGroup) else ():
        parts += ["\namong them:\n\n", redacted_traceback(one, told), "\n"]
    return "".join(parts).rstrip("\n")


def related_exceptions(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, and all that led to it or is part of it."""
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
    """The text, in which what the exception says is replaced by what may be told of it."""
    for one in related_exceptions(error):
        said = {repr(one), str(one), *(str(part) for part in one.args)}
        said |= {words.encode("unicode_escape").decode() for words in said}  # as Django tells it
        for words in sorted((w for w in said if len(w) > 1), key=len, reverse=True):
            if words in text and words not in exception_text(one):
                text = text.replace(words, f"<{type(one).__name__}>")
    return text
