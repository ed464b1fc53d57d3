"""Pages and sockets behave the same on every server that can run the web process.

See tests/acceptance/test_drain.py for how they stop and detect dead clients,
test_protocol_conformance.py for what they refuse, and test_deadlines.py for what they wait for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client
from httpx import AsyncClient

from interview import services
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.protocol.close_codes import CloseCode
from tests.contract.conftest import BOARD
from tests.factories import make_interview
from tests.people import signed_in
from tests.support.clients.raw_socket import ClosedSocket, RawSocket
from tests.support.clients.websocket_client import visitor
from tests.support.product.day_topics import autumn_board
from tests.support.product.processes import Site
from tests.support.product.relay import publish_and_hint

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu])


@pytest.fixture
async def browser(serving: Site, lin: User) -> AsyncIterator[AsyncClient]:
    """An HTTP client with Lin's cookies. The server did not sign them in, which is slow."""
    client = await sync_to_async(signed_in)(Client(), lin)
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": serving.url}
    async with AsyncClient(base_url=serving.url, cookies=cookies, headers=headers) as browser:
        yield browser


def check_in(interview: Interview) -> None:
    services.interview_check_in(
        interview_id=interview.pk, version=1, actor=Actor(user=None, source="test")
    )


async def test_a_user_signs_in_and_gets_pages_and_static_files(serving: Site, lin: User) -> None:
    async with visitor(serving, lin) as person:
        page = await person.client.get("/board/autumn/")
        assert page.status_code == 200
        assert "server" not in page.headers, "the server's name is not disclosed"
        file = await person.client.get("/static/realtime/stream.js")
        assert (file.status_code, "export" in file.text) == (200, True)
        nowhere = await person.client.get("/nowhere/")
        assert nowhere.status_code == 404
        for response in (page, file, nowhere):
            assert int(response.headers["X-Page-Duration-ms"]) >= 0
            assert response.headers["Server-Timing"].startswith("page;dur=")
        assert len({response.headers["X-Request-ID"] for response in (page, file, nowhere)}) == 3


async def test_a_proxys_request_id_is_returned_in_the_response(browser: AsyncClient) -> None:
    given = {"X-Request-ID": "of-the-proxy-0123456789"}
    response = await browser.get("/healthz", headers=given)
    assert response.headers["X-Request-ID"] == given["X-Request-ID"]


async def test_an_unreadable_form_is_refused_with_problem_details(
    browser: AsyncClient,
) -> None:
    for head in ("multipart/form-data", "multipart/form-data; boundary=b"):
        response = await browser.post(
            "/api/v1/imports/", content=b"x", headers={"Content-Type": head}
        )
        assert response.status_code == 400, response.text
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["detail"]


async def test_a_socket_gets_the_board_its_changes_and_its_pongs(
    serving: Site, session: str, interview: Interview
) -> None:
    key = f"interview:{interview.pk}"
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session)
        snapshot = await socket.hello()
        assert key in {row["key"] for row in snapshot["rows"]}
        await sync_to_async(check_in)(interview)
        await publish_and_hint()
        changes = await socket.receive("changes")
        rows = {change["key"]: change["row"] for change in changes["changes"]}
        assert rows[key]["status"] == "arrived"
        socket.send({"type": "ack", "position": changes["to"], "shown_ms": 12.5})
        assert await socket.responds()


async def test_a_client_that_reconnects_gets_only_what_it_missed(
    serving: Site, session: str, interview: Interview
) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session)
        snapshot = await socket.hello()
    await sync_to_async(check_in)(interview)
    await publish_and_hint()
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session)
        socket.send({"type": "hello", **{name: snapshot[name] for name in ("epoch", "position")}})
        assert (await socket.receive("welcome"))["resumed"] is True
        assert (await socket.receive("changes"))["from"] == snapshot["position"] + 1


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1", "null"])
async def test_a_page_of_another_origin_is_refused_even_with_a_session(
    origin: str, serving: Site, session: str
) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, session, Origin=origin)
        assert await socket.read_until_closed() == ClosedSocket([], CloseCode.NOT_ALLOWED)


async def test_a_socket_of_an_unknown_path_is_closed_for_good(serving: Site, session: str) -> None:
    async with RawSocket(serving.port) as socket:
        await socket.connect("/ws/nowhere/", session)
        assert await socket.read_until_closed() == ClosedSocket([], CloseCode.NOT_ALLOWED)


async def test_a_ticket_opens_exactly_one_socket_without_a_cookie(
    serving: Site, browser: AsyncClient
) -> None:
    ticket = (await browser.post("/api/v1/socket-tickets/", json={})).json()["ticket"]
    hello = {"type": "hello", "epoch": None, "position": None, "ticket": ticket}
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, None)
        socket.send(hello)
        assert (await socket.receive("welcome"))["topic"] == autumn_board()
    async with RawSocket(serving.port) as socket:
        await socket.connect(BOARD, None)
        socket.send(hello)
        assert await socket.read_until_closed() == ClosedSocket([], CloseCode.SIGNED_OUT)
