"""An allow list: parts of an event that are not listed are not sent, even from newer SDKs."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring.logs.scrubbing import FILTERED
from monitoring.sentry.event_filter import filter_breadcrumb, filter_event

SOMEBODY = "欧阳伟明"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Nothing could be done for {SOMEBODY}", FILTERED),
        (f"Field 'id' expected a number but got '{SOMEBODY}'.", FILTERED),
        (
            "'Interview' object has no attribute 'romo'",
            "'Interview' object has no attribute 'romo'",
        ),
        ("name 'candidat' is not defined", "name 'candidat' is not defined"),
        (
            'duplicate key value violates unique constraint "jobs_phone"\n'
            f"DETAIL:  Key (phone)=({SOMEBODY}) already exists.",
            'violates unique constraint "jobs_phone"',
        ),
        (
            'new row for relation "jobs_candidate" violates check constraint "named"\n'
            f"DETAIL:  Failing row contains (1, {SOMEBODY}).",
            'relation "jobs_candidate"; violates check constraint "named"',
        ),
        (
            f'connection to "{SOMEBODY}.example" failed: Connection refused',
            "Connection refused",
        ),
    ],
)
def test_only_safe_parts_of_an_exception_text_are_sent(text: str, expected: str) -> None:
    event = {"exception": {"values": [{"type": "Error", "value": text}]}}
    [exception] = filter_event(event, {})["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("Error", expected)


@pytest.mark.parametrize(
    "part",
    [
        {"request": {"url": SOMEBODY, "query_string": SOMEBODY, "headers": {"X": SOMEBODY}}},
        {"request": {"data": {"a": SOMEBODY}, "cookies": {"a": SOMEBODY}, "env": {"a": SOMEBODY}}},
        {"user": {"username": SOMEBODY, "email": SOMEBODY, "ip_address": SOMEBODY}},
        {"tags": {"candidate": SOMEBODY, "consumer": SOMEBODY}},
        {"extra": {"action": SOMEBODY, "who": SOMEBODY, "entries": [SOMEBODY]}},
        {"contexts": {"who": {"name": SOMEBODY}, "trace": {"data": {"url": SOMEBODY}}}},
        {"contexts": {"trace": {"dynamic_sampling_context": {"transaction": SOMEBODY}}}},
        {"exception": {"values": [{"stacktrace": {"frames": [{"vars": {"a": SOMEBODY}}]}}]}},
        {"exception": {"values": [{"mechanism": {"type": "x", "data": {"a": SOMEBODY}}}]}},
        {"threads": {"values": [{"name": SOMEBODY}]}},
        {"logentry": {"message": SOMEBODY, "formatted": SOMEBODY, "params": [SOMEBODY]}},
        {"message": SOMEBODY},
        {"transaction": f"/candidates/{SOMEBODY}/"},
        {"spans": [{"op": "db", "description": f"SELECT '{SOMEBODY}'"}]},
        {"spans": [{"op": "http.client", "description": SOMEBODY, "data": {"url": SOMEBODY}}]},
        {"something_new": {"who": SOMEBODY}},
    ],
)
def test_no_part_of_an_event_contains_personal_data(part: dict[str, Any]) -> None:
    assert SOMEBODY in repr(part), "the premise"
    assert SOMEBODY not in repr(filter_event(part, {}))


@pytest.mark.parametrize(
    ("crumb", "message"),
    [
        (
            {"category": "query", "message": "SELECT 'it''s 欧阳伟明', $a$欧阳伟明$a$"},
            "SELECT %s, %s",
        ),
        ({"category": "http", "message": SOMEBODY, "data": {"url": SOMEBODY}}, None),
    ],
)
def test_no_breadcrumb_contains_personal_data(crumb: dict[str, Any], message: str | None) -> None:
    filtered = filter_breadcrumb(crumb, {})
    assert filtered.get("message") == message
    assert SOMEBODY not in repr(filtered)
