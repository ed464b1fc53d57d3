"""Revocation of access, tickets, and the limits of sockets and messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from interview import services
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.models import Campaign, CampaignMember
from realtime.http.tokens import api_token_create, api_token_revoke
from realtime.hub import hub, registry
from realtime.hub.admission import TicketHolder
from realtime.hub.hub import current_hub
from realtime.models import ApiToken
from realtime.protocol import limits
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.limits import ConnectionLimits
from realtime.sockets import tickets, topic_consumer
from tests.factories import make_interview
from tests.people import signed_in
from tests.support.clients.live import HOST, LiveClient
from tests.support.product.day_topics import autumn_board
from tests.support.product.relay import publish_and_hint

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/ws/board/autumn/"
ORIGIN = f"http://{HOST}"


@pytest.fixture(autouse=True)
async def _hub_ends_with_the_test() -> AsyncIterator[None]:
    yield
    await current_hub().close()


@pytest.fixture
def interview(campaign: Campaign) -> Interview:
    return make_interview(campaign=campaign)


def sign_out(browser: Client, person: User) -> None:
    assert browser.post("/accounts/logout/").status_code == 302


def deactivate(browser: Client, person: User) -> None:
    person.is_active = False
    person.save()


def change_password(browser: Client, person: User) -> None:
    person.set_password("another-long-password")
    person.save()


def leave_campaign(browser: Client, person: User) -> None:
    CampaignMember.objects.get(user=person).delete()


def delete_session(browser: Client, person: User) -> None:
    """The session is deleted without a sign-out; saving the user triggers the check."""
    browser.session.delete()
    person.save()


LOSSES: list[tuple[Callable[[Client, User], None], CloseCode]] = [
    (sign_out, CloseCode.SIGNED_OUT),
    (deactivate, CloseCode.SIGNED_OUT),
    (change_password, CloseCode.SIGNED_OUT),
    (delete_session, CloseCode.SIGNED_OUT),
    (leave_campaign, CloseCode.NOT_ALLOWED),
]


@pytest.mark.parametrize(("lose", "code"), LOSSES)
async def test_a_user_who_loses_access_gets_no_further_changes_and_learns_why(
    lose: Callable[[Client, User], None], code: CloseCode, lin: User, interview: Interview
) -> None:
    """The change after the loss is published in the same batch, and must not be sent."""
    browser = await sync_to_async(signed_in)(Client(), lin)
    async with LiveClient(BOARD, session=browser.cookies["sessionid"].value) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        await sync_to_async(lose)(browser, lin)
        await sync_to_async(check_in)(interview)
        await publish_and_hint()
        frames, closed_with = await socket.closed_with()
        assert [frame for frame in frames if frame["type"] == "changes"] == []
        assert closed_with == code


def check_in(interview: Interview) -> None:
    services.interview_check_in(
        interview_id=interview.pk, version=1, actor=Actor(user=None, source="test")
    )


async def test_leaving_a_group_closes_the_topics_of_that_group(chen: User) -> None:
    browser = await sync_to_async(signed_in)(Client(), chen)
    async with LiveClient("/ws/tasks/", session=browser.cookies["sessionid"].value) as socket:
        assert (await socket.hello())["topic"] == "tasks"
        await socket.receive("snapshot")
        group = await Group.objects.aget(name="operations")
        await sync_to_async(chen.groups.remove)(group)
        await publish_and_hint()
        assert (await socket.closed_with())[1] == CloseCode.NOT_ALLOWED


async def test_a_change_to_a_user_that_removes_no_access_does_not_interrupt_the_stream(
    lin: User, interview: Interview
) -> None:
    browser = await sync_to_async(signed_in)(Client(), lin)
    async with LiveClient(BOARD, session=browser.cookies["sessionid"].value) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        lin.email = "lin@example.org"
        await lin.asave()
        await sync_to_async(check_in)(interview)
        await publish_and_hint()
        assert (await socket.receive("changes"))["changes"]


async def test_a_ticket_opens_one_socket_without_a_cookie(lin: User, interview: Interview) -> None:
    browser = await sync_to_async(signed_in)(Client(), lin)
    response = await sync_to_async(browser.post)(
        "/api/v1/socket-tickets/", headers={"Origin": ORIGIN}
    )
    assert response.status_code == 201, response.content
    hello = {"type": "hello", "epoch": None, "position": None, "ticket": response.json()["ticket"]}
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send(hello)
        assert (await socket.receive("welcome"))["topic"] == autumn_board()
    async with LiveClient(BOARD, session=None) as again:
        await again.send(hello)
        assert await again.closed_with() == ([], CloseCode.SIGNED_OUT)


def ticket_of(client: Client) -> dict[str, object]:
    """Requests a ticket, and returns the hello frame that uses it."""
    response = client.post("/api/v1/socket-tickets/", headers={"Origin": ORIGIN})
    assert response.status_code == 201, response.content
    return {"type": "hello", "epoch": None, "position": None, "ticket": response.json()["ticket"]}


def client_with_token(person: User, scope: str) -> Client:
    key = api_token_create(user=person, name="A screen", scope=scope)
    return Client(headers={"Authorization": f"Token {key}"})


def revoke_token(client: Client, person: User) -> None:
    assert api_token_revoke(user=person, token_id=ApiToken.objects.get().pk)


def let_token_expire(client: Client, person: User) -> None:
    ApiToken.objects.update(expires_at=timezone.now())
    person.save()  # so that the test need not wait for the regular check


TOKEN_LOSSES = [revoke_token, let_token_expire, change_password]


@pytest.mark.parametrize("lose", TOKEN_LOSSES)
async def test_a_socket_opened_by_an_api_token_ends_with_the_token_and_with_the_password(
    lose: Callable[[Client, User], None], lin: User, interview: Interview
) -> None:
    client = await sync_to_async(client_with_token)(lin, "read")
    hello = await sync_to_async(ticket_of)(client)
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send(hello)
        await socket.receive("snapshot" if await socket.receive("welcome") else "")
        await sync_to_async(lose)(client, lin)
        await publish_and_hint()
        assert (await socket.closed_with())[1] == CloseCode.SIGNED_OUT


@pytest.mark.parametrize("lose", [sign_out, change_password, delete_session])
async def test_a_socket_opened_by_a_ticket_ends_with_the_session_that_requested_it(
    lose: Callable[[Client, User], None], lin: User, interview: Interview
) -> None:
    browser = await sync_to_async(signed_in)(Client(), lin)
    hello = await sync_to_async(ticket_of)(browser)
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send(hello)
        await socket.receive("snapshot" if await socket.receive("welcome") else "")
        await sync_to_async(lose)(browser, lin)
        await publish_and_hint()
        assert (await socket.closed_with())[1] == CloseCode.SIGNED_OUT


async def test_a_socket_whose_session_row_is_gone_ends_within_a_minute(
    lin: User, interview: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.ACCESS_RECHECK_SECONDS < 60
    monkeypatch.setattr(hub, "ACCESS_RECHECK_SECONDS", 0.2)
    browser = await sync_to_async(signed_in)(Client(), lin)
    async with LiveClient(BOARD, session=browser.cookies["sessionid"].value) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        await Session.objects.all().adelete()
        assert (await socket.closed_with())[1] == CloseCode.SIGNED_OUT


@pytest.mark.parametrize(
    ("scope", "code"), [("write", CloseCode.NOT_ALLOWED), ("operations", None)]
)
async def test_only_a_token_for_operations_follows_the_tasks_of_everybody(
    scope: str, code: CloseCode | None, chen: User
) -> None:
    client = await sync_to_async(client_with_token)(chen, scope)
    hello = await sync_to_async(ticket_of)(client)
    async with LiveClient("/ws/tasks/", session=None) as socket:
        await socket.send(hello)
        if code is None:
            assert (await socket.receive("welcome"))["topic"] == "tasks"
        else:
            assert await socket.closed_with() == ([], code)


@pytest.fixture
def _redis_is_away(settings: Settings) -> None:
    nowhere = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": nowhere}


@pytest.mark.usefixtures("_redis_is_away")
def test_without_redis_a_ticket_request_is_answered_with_an_explanation(lin: User) -> None:
    response = signed_in(Client(), lin).post(
        "/api/v1/socket-tickets/", headers={"Accept-Language": "en"}
    )
    detail = "Tickets cannot be issued right now. Please try again in a moment."
    assert (response.status_code, response.json()["detail"]) == (503, detail)


@pytest.mark.usefixtures("_redis_is_away")
async def test_without_redis_a_socket_with_a_ticket_is_told_to_reconnect(
    lin: User,
) -> None:
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send({"type": "hello", "epoch": None, "position": None, "ticket": "any"})
        assert (await socket.closed_with())[1] == CloseCode.GOING_AWAY


async def test_a_ticket_is_valid_only_for_the_origin_that_requested_it(lin: User) -> None:
    ticket = await sync_to_async(tickets.issue_ticket)(
        TicketHolder.of(lin), "https://elsewhere.example"
    )
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send({"type": "hello", "epoch": None, "position": None, "ticket": ticket})
        assert await socket.closed_with() == ([], CloseCode.SIGNED_OUT)


async def test_a_ticket_does_not_open_a_topic_that_its_user_may_not_watch(sun: User) -> None:
    ticket = await sync_to_async(tickets.issue_ticket)(TicketHolder.of(sun), ORIGIN)
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send({"type": "hello", "epoch": None, "position": None, "ticket": ticket})
        assert await socket.closed_with() == ([], CloseCode.NOT_ALLOWED)


async def test_a_client_that_sends_too_fast_is_warned_and_then_disconnected(lin: User) -> None:
    browser = await sync_to_async(signed_in)(Client(), lin)
    async with LiveClient(BOARD, session=browser.cookies["sessionid"].value) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        for _ in range(int(limits.MESSAGE_BURST) + 2 * topic_consumer.MAX_CLIENT_ERRORS):
            await socket.send({"type": "ack", "position": 0})
        frames, code = await socket.closed_with()
        assert {frame["code"] for frame in frames if frame["type"] == "error"} == {"too_fast"}
        assert frames[-1]["type"] == "goodbye"
        assert code == CloseCode.LIMIT_EXCEEDED


async def test_all_sockets_of_a_user_share_one_message_limit(
    lin: User, zhao: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sockets, each within its own limit, use up the user's limit; the third is warned."""
    monkeypatch.setattr(registry, "USER_RATE_IN_SOCKETS", 0)  # the bucket is never refilled
    monkeypatch.setattr(registry, "USER_BURST", 13.0)
    browser = await sync_to_async(signed_in)(Client(), lin)
    session = browser.cookies["sessionid"].value
    one, two, three = (LiveClient("/ws/me/", session=session) for _ in range(3))
    async with one, two, three:
        for socket in (one, two, three):
            await socket.hello()
            await socket.receive("snapshot")
        for socket in (one, two) * 5:
            assert await socket.is_quiet()
        await three.send({"type": "ping", "ref": 1})
        assert (await three.receive("error"))["code"] == "too_fast"
        other = await sync_to_async(signed_in)(Client(), zhao)
        async with LiveClient("/ws/me/", session=other.cookies["sessionid"].value) as socket:
            await socket.hello()
            await socket.receive("snapshot")
            assert await socket.is_quiet(), "another user has a limit of their own"


async def test_a_socket_beyond_the_process_limit_is_told_to_reconnect_later(
    lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        current_hub().sockets, "_limits", ConnectionLimits(process=1, address=9, person=9)
    )
    browser = await sync_to_async(signed_in)(Client(), lin)
    session = browser.cookies["sessionid"].value
    async with LiveClient(BOARD, session=session) as first:
        await first.hello()
        async with LiveClient(BOARD, session=session) as second:
            frames, code = await second.closed_with()
            assert [frame["type"] for frame in frames] == ["goodbye"]
            assert code == CloseCode.LIMIT_EXCEEDED
    async with LiveClient(BOARD, session=session) as third:
        assert await third.hello(), "the first socket's slot is free again"


async def test_a_process_that_stops_tells_its_clients_when_to_reconnect(
    lin: User, interview: Interview
) -> None:
    browser = await sync_to_async(signed_in)(Client(), lin)
    async with LiveClient(BOARD, session=browser.cookies["sessionid"].value) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        await current_hub().sockets.drain(within_seconds=5)
        frames, code = await socket.closed_with()
        assert frames[-1]["type"] == "goodbye"
        assert 0 <= frames[-1]["retry_after_ms"] <= 5000
        assert code == CloseCode.GOING_AWAY
    assert len(current_hub().sockets) == 0
