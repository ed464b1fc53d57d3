"""The door, after it was opened: what ends a socket, tickets, and how much one may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django.fixtures import Settings

from interview import services
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.models import Campaign, CampaignMember
from realtime.hub import registry
from realtime.hub.hub import current_hub
from realtime.protocol import limits
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.limits import ConnectionLimits
from realtime.sockets import tickets, topic_consumer
from tests.factories import make_interview
from tests.people import signed_in
from tests.support.live import HOST, LiveClient
from tests.support.relay import publish_and_hint

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
    """Signed out elsewhere, by somebody who tidies sessions; the person is told of as well."""
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
async def test_whoever_loses_the_right_to_watch_gets_nothing_after_it_and_is_told(
    lose: Callable[[Client, User], None], code: CloseCode, lin: User, interview: Interview
) -> None:
    """The change that follows the loss is in the same batch, and must not come through."""
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


async def test_losing_a_group_closes_what_only_the_group_may_see(chen: User) -> None:
    browser = await sync_to_async(signed_in)(Client(), chen)
    async with LiveClient("/ws/tasks/", session=browser.cookies["sessionid"].value) as socket:
        assert (await socket.hello())["topic"] == "tasks"
        await socket.receive("snapshot")
        group = await Group.objects.aget(name="operations")
        await sync_to_async(chen.groups.remove)(group)
        await publish_and_hint()
        assert (await socket.closed_with())[1] == CloseCode.NOT_ALLOWED


async def test_a_change_that_takes_nothing_away_lets_the_stream_go_on(
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
    answer = await sync_to_async(browser.post)(
        "/api/v1/socket-tickets/", headers={"Origin": ORIGIN}
    )
    assert answer.status_code == 201, answer.content
    hello = {"type": "hello", "epoch": None, "position": None, "ticket": answer.json()["ticket"]}
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send(hello)
        assert (await socket.receive("welcome"))["topic"] == "board.autumn"
    async with LiveClient(BOARD, session=None) as again:
        await again.send(hello)
        assert await again.closed_with() == ([], CloseCode.SIGNED_OUT)


@pytest.fixture
def _redis_is_away(settings: Settings) -> None:
    nowhere = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": nowhere}


@pytest.mark.usefixtures("_redis_is_away")
def test_without_redis_no_ticket_is_issued_and_the_asker_is_told_so(lin: User) -> None:
    answer = signed_in(Client(), lin).post(
        "/api/v1/socket-tickets/", headers={"Accept-Language": "en"}
    )
    said = "Tickets cannot be issued right now. Please try again in a moment."
    assert (answer.status_code, answer.json()["detail"]) == (503, said)


@pytest.mark.usefixtures("_redis_is_away")
async def test_without_redis_a_ticket_cannot_be_shown_but_the_socket_may_come_back(
    lin: User,
) -> None:
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send({"type": "hello", "epoch": None, "position": None, "ticket": "any"})
        assert (await socket.closed_with())[1] == CloseCode.GOING_AWAY


async def test_a_ticket_is_bound_to_the_origin_it_was_asked_from(lin: User) -> None:
    ticket = await sync_to_async(tickets.issue_ticket)(lin, "https://elsewhere.example")
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send({"type": "hello", "epoch": None, "position": None, "ticket": ticket})
        assert await socket.closed_with() == ([], CloseCode.SIGNED_OUT)


async def test_a_ticket_opens_no_door_that_is_closed_to_its_owner(sun: User) -> None:
    ticket = await sync_to_async(tickets.issue_ticket)(sun, ORIGIN)
    async with LiveClient(BOARD, session=None) as socket:
        await socket.send({"type": "hello", "epoch": None, "position": None, "ticket": ticket})
        assert await socket.closed_with() == ([], CloseCode.NOT_ALLOWED)


async def test_a_client_that_talks_too_fast_is_warned_and_then_sent_away(lin: User) -> None:
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


async def test_all_sockets_of_a_person_share_what_he_may_send(
    lin: User, zhao: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sockets use up what there is, each of them within its own limit; a third is told."""
    monkeypatch.setattr(registry, "USER_RATE_IN_SOCKETS", 0)  # nothing is filled up again
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
            assert await socket.is_quiet(), "somebody else has his own"


async def test_a_process_that_is_full_sends_the_next_one_elsewhere(
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
        assert await third.hello(), "the first one's place is free again"


async def test_a_process_that_stops_says_goodbye_with_a_moment_to_return_at(
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
