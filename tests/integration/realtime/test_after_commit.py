"""A failure after the commit is logged; the caller's change stays, and the caller goes on."""

from __future__ import annotations

import logging

import pytest
from django.db import transaction

from interview.notifications import wakeup
from interview.notifications.wakeup import request_delivery
from realtime.after_commit import call_after_commit

pytestmark = pytest.mark.django_db(transaction=True)


def fail(reason: str) -> None:
    raise RuntimeError(reason)


def test_a_failure_is_logged_and_the_next_call_is_made(caplog: pytest.LogCaptureFixture) -> None:
    called: list[str] = []
    with caplog.at_level(logging.ERROR), transaction.atomic():
        call_after_commit(fail, "the broker is broken")
        call_after_commit(called.append, "next")
        assert called == [], "before the commit"
    assert called == ["next"]
    assert "Error calling fail in on_commit()" in caplog.text
    assert "the broker is broken" in caplog.text


def test_a_wakeup_that_fails_in_an_unknown_way_does_not_reach_the_caller(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wakeup.dispatch, "publish", fail)
    with caplog.at_level(logging.ERROR), transaction.atomic():
        request_delivery(["email"])
    assert "Error calling send_wakeup" in caplog.text


def test_nothing_is_called_if_the_transaction_is_rolled_back() -> None:
    called: list[str] = []

    @transaction.atomic
    def change() -> None:
        call_after_commit(called.append, "never")
        fail("on purpose")

    with pytest.raises(RuntimeError):
        change()
    assert called == []
