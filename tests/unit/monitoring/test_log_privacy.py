"""Safe representations of objects and exceptions in log lines."""

from __future__ import annotations

import psycopg
import pytest
import redis
from django.core.exceptions import ValidationError

from monitoring.logs.privacy import exception_text, redacted_traceback, safe_value


class Person:
    """An object whose text contains personal data."""

    pk = 7

    def __repr__(self) -> str:
        return "王小明"


def test_objects_are_logged_by_class_and_id() -> None:
    logged = safe_value({"one": Person(), "all": [Person()], "n": 3, "e": ValueError("王小明")})
    assert logged == {"one": "<Person 7>", "all": ["<Person 7>"], "n": 3, "e": "ValueError"}
    assert safe_value({Person(): 1}) == {"<Person 7>": 1}


def builtin_exceptions() -> BaseException:
    try:
        return Person().name  # type: ignore[attr-defined, no-any-return]
    except AttributeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("王小明"), "ValueError"),
        (KeyError("王小明"), "KeyError"),
        (ValidationError("王小明"), "django.core.exceptions.ValidationError"),
        (AttributeError("王小明"), "AttributeError"),
        (builtin_exceptions(), "AttributeError: 'name'"),
        (FileNotFoundError(2, "No such file", "王小明.pdf"), "FileNotFoundError: No such file"),
        (OSError("王小明"), "OSError"),
        (redis.ConnectionError("refused"), "redis.exceptions.ConnectionError: refused"),
        (psycopg.OperationalError("no route\n王小明"), "psycopg.OperationalError: no route"),
        (psycopg.DataError("王小明"), "psycopg.DataError"),
    ],
)
def test_an_exception_is_logged_by_type_and_only_with_safe_text(
    error: BaseException, expected: str
) -> None:
    assert exception_text(error) == expected


def test_a_traceback_shows_code_and_causes_without_their_texts() -> None:
    def inner() -> None:
        raise KeyError("王小明")

    try:
        try:
            inner()
        except KeyError as error:
            raise RuntimeError("王小明") from error
    except RuntimeError as error:
        error.add_note("王小明")
        error.__context__.__context__ = error  # type: ignore[union-attr]  # a cycle of causes
        text = redacted_traceback(error)
    assert "in inner" in text
    assert text.index("KeyError\n") < text.index("which led to") < text.index("RuntimeError")
    assert "王小明" not in [line.split(":")[-1].strip() for line in text.splitlines()]
