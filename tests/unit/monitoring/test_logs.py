"""Log lines: content, format, and destination."""

from __future__ import annotations

import io
import json
import logging
import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from monitoring.http import request_id
from monitoring.logs import context, slow_log
from monitoring.logs.configuration import logging_configuration
from tests.support.product.log_lines import logging_to

logger = logging.getLogger("interview.tests")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def _context_ids() -> Any:
    tokens = [
        (context.user_id, context.user_id.set(3)),
        (context.task_id, context.task_id.set("a-task")),
        (context.socket_id, context.socket_id.set("50c7")),
    ]
    request_id.assign("0123456789abcdef")
    yield
    request_id.restore("")
    for variable, token in tokens:
        variable.reset(token)  # type: ignore[arg-type]


@pytest.mark.usefixtures("_context_ids")
def test_a_json_line_contains_every_id(tmp_path: Path) -> None:
    with logging_to(tmp_path, "json") as log:
        logger.warning("Gave %s up", "it", extra={"action": "given_up", "batch": [1, 2]})
        line = json.loads(log.screen.getvalue())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "interview.tests",
        "message": "Gave it up",
        "request_id": "0123456789abcdef",
        "user_id": 3,
        "task_id": "a-task",
        "socket_id": "50c7",
        "action": "given_up",
        "batch": [1, 2],
    }


def test_missing_ids_are_null(tmp_path: Path) -> None:
    with logging_to(tmp_path, "json") as log:
        logger.info("Alone")
        line = json.loads(log.screen.getvalue())
    assert {line[f"{kind}_id"] for kind in ("request", "user", "task", "socket")} == {None}


@pytest.mark.usefixtures("_context_ids")
def test_a_plain_line_is_a_message_followed_by_fields(tmp_path: Path) -> None:
    with logging_to(tmp_path, "console") as log:
        logger.info("Socket closed", extra={"action": "ws_closed", "code": 4001})
        line = log.screen.getvalue()
    ids = "request_id=0123456789abcdef user_id=3 task_id=a-task socket_id=50c7"
    assert line.endswith(f"Socket closed [{ids} action=ws_closed code=4001]\n")


def test_a_line_contains_the_user_only_if_already_loaded(tmp_path: Path) -> None:
    def load_user() -> Any:
        raise AssertionError("a log line queried the database")

    request: Any = RequestFactory().get("/")
    request.request_id = "f" * 32
    request.user = SimpleLazyObject(load_user)
    with logging_to(tmp_path, "json") as log:
        logger.info("Before", extra={"request": request})
        request.user = SimpleLazyObject(lambda: type("Person", (), {"pk": 5})())
        assert request.user.pk == 5
        logger.info("After", extra={"request": request})
        before, after = map(json.loads, log.screen.getvalue().splitlines())
    assert (before["request_id"], before["user_id"], after["user_id"]) == ("f" * 32, None, 5)
    assert "request" not in after


def test_lines_are_coloured_only_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for screen, is_coloured in ((Terminal(), True), (io.StringIO(), False)):
        chosen = logging_configuration(level="INFO", shape="console", directory=None)
        how = chosen["formatters"]["console"] | {"stream": screen}
        formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(how)
        record = logging.makeLogRecord({"msg": "Seen", "levelname": "ERROR"})
        assert ("\x1b[" in formatter.format(record)) is is_coloured
    monkeypatch.setenv("FORCE_COLOR", "1")
    with logging_to(tmp_path, "console") as log:
        logger.info("Written")
        assert "\x1b[" not in log.texts()["recruit.log"], "files are never coloured"


def test_each_log_file_contains_its_own_lines(tmp_path: Path) -> None:
    with logging_to(tmp_path, "console") as log:
        logger.info("Good")
        logger.error("Bad")
        slow_log.long_task(name="jobs.import", seconds=61.25)
        texts = log.texts()
    counts = {
        name: [text.count(word) for word in ("Good", "Bad", "Long task")]
        for name, text in texts.items()
    }
    assert counts == {
        "recruit.log": [1, 1, 1],
        "error.log": [0, 1, 0],
        "performance.log": [0, 0, 1],
        "screen": [1, 1, 1],
    }
    assert "ms=61250" in texts["performance.log"]


def test_without_a_directory_no_file_is_written() -> None:
    chosen = logging_configuration(level="INFO", shape="json", directory=None)
    assert set(chosen["handlers"]) == {"console"}


def test_django_logs_only_through_our_formatters(tmp_path: Path) -> None:
    """Django's default configuration, applied first, has handlers that do not redact lines."""
    with logging_to(tmp_path, "console"):
        for name in ("django", "django.request", "django.server"):
            assert logging.getLogger(name).handlers == []
            assert logging.getLogger(name).propagate


def test_a_slow_statement_is_logged_without_literals(tmp_path: Path) -> None:
    with logging_to(tmp_path, "console") as log:
        statement = "SELECT *\n  FROM jobs WHERE name = 'O''Hara' AND id = %s"
        slow_log.slow_query(statement=statement, seconds=0.3)
        text = log.texts()["performance.log"]
    assert "statement=SELECT * FROM jobs WHERE name = '…' AND id = %s ms=300" in text


def write(directory: Path, name: str) -> None:
    """Write lines in a forked process, which inherits the open files of its parent."""
    for number in range(150):
        logger.info("line %s of %s %s", number, name, "." * 100)


def test_processes_sharing_a_log_file_lose_no_line_at_rotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.logs.configuration.FILE_BYTES", 20_000)
    monkeypatch.setattr("monitoring.logs.configuration.FILES_KEPT", 20)
    forks = multiprocessing.get_context("fork")
    with logging_to(tmp_path, "json"):
        logger.info("line %s of %s %s", "first", "parent", "")
        writers = [forks.Process(target=write, args=(tmp_path, name)) for name in "abc"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    files = list(tmp_path.glob("recruit.log*"))
    assert len(files) > 3, "the premise: the file was rotated"
    lines = [line for path in files for line in path.read_text().splitlines()]
    messages = [json.loads(line)["message"].rstrip(". ") for line in lines]
    wanted = [f"line {number} of {name}" for name in "abc" for number in range(150)]
    assert sorted(messages) == sorted(["line first of parent", *wanted])
