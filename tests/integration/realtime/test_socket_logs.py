"""Every log line about a socket carries its id and its user, whatever closed it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client

from interview.models import Interview
from jobs.models import Campaign, CampaignMember
from realtime.hub.hub import current_hub
from realtime.protocol.close_codes import CloseCode
from tests.factories import make_interview
from tests.people import signed_in
from tests.support.clients.live import LiveClient
from tests.support.product.log_lines import logging_to
from tests.support.product.relay import publish_and_hint

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/ws/board/autumn/"


@pytest.fixture(autouse=True)
async def _hub_ends_with_the_test() -> AsyncIterator[None]:
    yield
    await current_hub().close()


@pytest.fixture
def interview(campaign: Campaign) -> Interview:
    return make_interview(campaign=campaign)


async def disconnect(socket: LiveClient, person: User) -> None:
    await socket.leave(1001)


async def lose_access(socket: LiveClient, person: User) -> None:
    """The hub's own loop notices it, and has the socket's access checked."""
    await CampaignMember.objects.filter(user=person).adelete()
    await publish_and_hint()
    assert (await socket.closed_with())[1] == CloseCode.NOT_ALLOWED


async def drain_the_process(socket: LiveClient, person: User) -> None:
    await current_hub().sockets.drain(within_seconds=0)
    assert (await socket.closed_with())[1] == CloseCode.GOING_AWAY


async def send_a_second_hello(socket: LiveClient, person: User) -> None:
    await socket.send({"type": "hello", "epoch": None, "position": None})
    assert (await socket.closed_with())[1] == CloseCode.BROKEN_PROTOCOL


@pytest.mark.parametrize(
    "ending", [disconnect, lose_access, drain_the_process, send_a_second_hello]
)
async def test_the_log_line_of_a_closed_socket_names_its_user_whatever_closed_it(
    ending: Callable[[LiveClient, User], Awaitable[None]],
    lin: User,
    interview: Interview,
    tmp_path: Path,
) -> None:
    browser = await sync_to_async(signed_in)(Client(), lin)
    session = browser.cookies["sessionid"].value
    with logging_to(tmp_path, "json") as log:
        async with LiveClient(BOARD, session=session) as other:
            await other.hello()
            async with LiveClient(BOARD, session=session) as socket:
                await socket.hello()
                await socket.receive("snapshot")
                await ending(socket, lin)
        closing_lines = [
            line for line in log.lines() if line.get("action") in {"ws_gone", "ws_closed"}
        ]
    assert len(closing_lines) == 2, "the other socket closes as well"
    assert [line["user_id"] for line in closing_lines] == [lin.pk] * 2
    assert None not in {line["socket_id"] for line in closing_lines}
    assert closing_lines[0]["socket_id"] != closing_lines[1]["socket_id"]
