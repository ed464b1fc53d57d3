"""Only pages are timed, and without a DSN nothing happens."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import sentry_sdk

from monitoring.sentry import reporting


@pytest.mark.parametrize(
    ("context", "share"),
    [
        ({"asgi_scope": {"type": "http"}}, 0.25),
        ({"asgi_scope": {"type": "websocket"}}, 0.0),
        ({"asgi_scope": {"type": "websocket"}, "parent_sampled": True}, 0.0),
        ({"asgi_scope": {"type": "lifespan"}}, 0.0),
        ({"celery_job": {"task": "interview.tasks.tell"}}, 0.0),
        ({}, 0.0),
    ],
)
def test_only_pages_are_timed_not_sockets(context: dict[str, Any], share: float) -> None:
    assert reporting._share_of(context, 0.25) == share


def test_without_a_dsn_nothing_starts_and_no_scope_is_created() -> None:
    reporting.start(dsn="", release="r", environment="e", pages_sampled=1)
    assert not reporting.is_on()
    before = sentry_sdk.get_isolation_scope()
    with reporting.isolated_scope(consumer="board", user_id=7):
        reporting.set_tags(kind="hello")
        assert sentry_sdk.get_isolation_scope() is before
    assert isinstance(reporting.isolated_scope(), nullcontext)
