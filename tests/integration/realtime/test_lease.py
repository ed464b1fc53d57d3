"""A lease has one holder, which keeps it by renewing it and loses it by its silence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection

from realtime import models
from realtime.lease import Lease

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def expire() -> None:
    models.Lease.objects.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))


def two_leases() -> tuple[Lease, Lease]:
    return Lease("a", seconds=15), Lease("a", seconds=15)


def test_of_many_that_ask_at_once_exactly_one_gets_the_lease() -> None:
    def ask(lease: Lease) -> bool:
        try:
            return lease.acquire()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, [Lease("a", seconds=15) for _ in range(8)]))
    assert answers.count(True) == 1


def test_leases_of_different_names_do_not_exclude_each_other() -> None:
    assert Lease("a", seconds=15).acquire()
    assert Lease("b", seconds=15).acquire()


def test_an_expired_lease_is_taken_over_and_the_old_holder_notices() -> None:
    first, second = two_leases()
    assert first.acquire()
    assert not second.acquire()
    expire()
    assert second.acquire()
    assert first.is_held(), "it asks the database only when a renewal is due"
    first._renewed_at = -1e9
    assert not first.is_held()
    first.release()
    assert models.Lease.objects.get().holder == second.holder, "only the holder can release it"


def test_a_holder_whose_lease_was_taken_cannot_renew_it() -> None:
    first, second = two_leases()
    assert first.acquire()
    assert first.renew()
    expire()
    assert second.acquire()
    assert not first.renew()
    assert not first.is_held()
    second.release()
    assert not first.renew(), "renewing does not take a free lease"


def test_a_late_renewal_counts_if_nobody_took_the_lease() -> None:
    first, second = two_leases()
    assert first.acquire()
    expire()
    assert first.renew()
    assert not second.acquire()


def test_a_released_lease_can_be_taken_at_once() -> None:
    first, second = two_leases()
    assert first.acquire()
    first.release()
    assert not first.is_held()
    assert second.acquire()


def test_without_a_database_the_lease_is_not_held(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lease = Lease("a", seconds=15)
    assert lease.acquire()

    def refuse() -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", refuse)
        assert not lease.renew()
        assert not lease.is_held()
    assert "Could not take or renew the lease a" in caplog.text
    assert lease.acquire(), "the row still names this holder"
