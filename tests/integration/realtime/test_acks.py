"""Commit to paint: the delays that browsers report are counted as users' real waiting time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client
from prometheus_client import REGISTRY

from jobs.models import Campaign
from realtime.hub.hub import current_hub
from tests.people import signed_in
from tests.support.clients.live import LiveClient

pytestmark = pytest.mark.django_db(transaction=True)

METRIC = "recruit_commit_to_paint_seconds"


@pytest.fixture(autouse=True)
async def _hub_ends_with_the_test() -> AsyncIterator[None]:
    yield
    await current_hub().close()


@pytest.fixture
async def session(lin: User, campaign: Campaign) -> str:
    sign_in = sync_to_async(signed_in)
    return (await sign_in(Client(), lin)).cookies["sessionid"].value


def counted(consumer: str = "board") -> tuple[float, float]:
    """The number of reports, and the sum of their seconds."""
    labels = {"consumer": consumer}
    count = REGISTRY.get_sample_value(f"{METRIC}_count", labels) or 0
    return count, REGISTRY.get_sample_value(f"{METRIC}_sum", labels) or 0


async def send_acks(session: str, *acks: str) -> None:
    """Send these acknowledgements, and wait until all have been read without an error."""
    async with LiveClient("/ws/board/autumn/", session=session) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        for ack in acks:
            await socket.send(ack)
        assert await socket.is_quiet()


async def test_a_report_is_counted_for_its_kind_of_page(session: str) -> None:
    count, seconds = counted()
    elsewhere = counted("me")
    await send_acks(session, '{"type":"ack","position":0,"shown_ms":46}')
    assert counted() == (count + 1, pytest.approx(seconds + 0.046))
    assert counted("me") == elsewhere


async def test_an_ack_without_a_report_counts_nothing(session: str) -> None:
    before = counted()
    await send_acks(
        session, '{"type":"ack","position":0}', '{"type":"ack","position":0,"shown_ms":null}'
    )
    assert counted() == before


async def test_an_impossible_report_is_accepted_and_not_counted(session: str) -> None:
    """The last report, which has the largest valid value, proves that the others were read."""
    count, seconds = counted()
    impossible = ["-1", "-0.5", "3600001", "1e300", "9" * 400]
    acks = [
        f'{{"type":"ack","position":0,"shown_ms":{value}}}' for value in [*impossible, "3600000"]
    ]
    await send_acks(session, *acks)
    assert counted() == (count + 1, pytest.approx(seconds + 3600))
