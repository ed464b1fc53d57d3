"""Sockets through the real application: admission, the first frames, and live changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client

from interview import services
from interview.models import Interview
from interview.models.time_zones import local_day
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.hub import admission_batch, hub
from realtime.hub.hub import current_hub
from realtime.hub.topic_state import TopicState
from realtime.log.reader import head_of
from realtime.protocol.close_codes import CloseCode
from tests.factories import make_campaign, make_interview, make_member
from tests.people import signed_in
from tests.support.clients.live import LiveClient
from tests.support.product.day_topics import autumn_board
from tests.support.product.relay import publish_all, publish_and_hint

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/ws/board/autumn/"


@pytest.fixture(autouse=True)
async def _hub_ends_with_the_test() -> AsyncIterator[None]:
    yield
    await current_hub().close()


@pytest.fixture
def _no_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub does not poll the database, so that only messages of the relay bring a change."""
    monkeypatch.setattr(hub, "POLL_SECONDS", 3600)


@sync_to_async
def session_of(person: User) -> str:
    return signed_in(Client(), person).cookies["sessionid"].value


@sync_to_async
def check_in(interview: Interview) -> Interview:
    return services.interview_check_in(
        interview_id=interview.pk,
        version=Interview.objects.get(pk=interview.pk).version,
        actor=Actor(user=None, source="test"),
    )


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    return make_interview(campaign=campaign, interviewers=[wu])


async def test_a_coordinator_gets_a_welcome_and_the_whole_board(
    lin: User, interview: Interview
) -> None:
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        welcome = await socket.hello()
        assert welcome["topic"] == autumn_board()
        assert welcome["protocol"] == 1
        assert welcome["resumed"] is False
        snapshot = await socket.receive("snapshot")
        keys = {row["key"] for row in snapshot["rows"]}
        assert {f"interview:{interview.pk}", f"room:{interview.room_id}", "counter:late"} <= keys


async def test_an_address_with_a_day_leads_to_that_days_board(
    campaign: Campaign, lin: User, interview: Interview
) -> None:
    day = local_day(interview.starts_at, campaign.time_zone) + timedelta(days=40)
    later = await sync_to_async(make_interview)(
        campaign=campaign, starts_at=interview.starts_at + timedelta(days=40)
    )
    for path in ("/ws/board/autumn/", "/ws/wall/autumn/"):
        async with LiveClient(f"{path}?day={day}", session=await session_of(lin)) as socket:
            topic = (await socket.hello())["topic"]
            assert topic == f"{path.split('/')[2]}.autumn.{day}"
            rows = (await socket.receive("snapshot"))["rows"]
            cards = {row["id"] for row in rows if row["kind"] == "interview"}
            assert cards == {later.pk}


@pytest.mark.parametrize(
    "day", ["tomorrow", "2026-13-01", "20261129", "2026-11-29.x", "1999-01-01", "2100-01-01"]
)
async def test_an_address_with_a_wrong_day_is_refused_as_a_broken_protocol(
    lin: User, campaign: Campaign, day: str
) -> None:
    async with LiveClient(f"{BOARD}?day={day}", session=await session_of(lin)) as socket:
        _, code = await socket.closed_with()
    assert code == CloseCode.BROKEN_PROTOCOL


async def test_a_list_beside_the_board_makes_nobody_a_viewer_of_it(lin: User, wu: User) -> None:
    campaign = await sync_to_async(make_campaign)(slug="beside")
    for person in (lin, wu):
        await sync_to_async(make_member)(campaign, person)
    path, beside = "/ws/board/beside/", "/ws/board/beside/?presence=no"
    async with (
        LiveClient(beside, session=await session_of(wu)) as silent,
        LiveClient(path, session=await session_of(lin)) as shown,
    ):
        await silent.hello()
        await silent.receive("snapshot")
        await shown.hello()
        await shown.receive("snapshot")
        viewers = (await shown.receive("latest"))["items"]
    assert [one["key"] for one in viewers] == [f"presence:{lin.pk}"]


@pytest.mark.usefixtures("_no_polling")
async def test_a_message_of_the_relay_reaches_the_first_socket_of_a_process(
    lin: User, interview: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interleaving: the process gets its channel while it reads its first topic."""
    here, opened = hub.current_hub(), TopicState.open

    async def open_late(topic_state: TopicState) -> None:
        while not here._channel:  # noqa: ASYNC110  there is no event for it
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        await opened(topic_state)

    monkeypatch.setattr(TopicState, "open", open_late)
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        await layer_carries(autumn_board(), socket)
        await check_in(interview)
        await publish_and_hint()
        assert (await socket.receive("changes"))["changes"]


async def layer_carries(topic: str, socket: LiveClient) -> None:
    """Wait until messages to the topic's group arrive, because joining a group takes a moment."""
    row = {"key": "presence:0", "kind": "presence", "version": 0, "user": 0}
    row |= {"name": "probe", "initials": "P", "watching": None}
    message = {"type": "realtime.latest", "topic": topic, "items": {"presence:0": row}}

    arrived = asyncio.Event()

    async def probe() -> None:
        while not arrived.is_set():
            await get_channel_layer().group_send(topic, message)
            await asyncio.sleep(0.05)

    probing = asyncio.create_task(probe())
    while "presence:0" not in {item["key"] for item in (await socket.receive("latest"))["items"]}:
        pass
    arrived.set()
    await probing  # cancelled in the middle of sending, a connection may never end


async def test_a_check_in_reaches_the_board_and_the_interviewer_with_the_next_position(
    lin: User, wu: User, interview: Interview
) -> None:
    board = LiveClient(BOARD, session=await session_of(lin))
    own = LiveClient("/ws/me/", session=await session_of(wu))
    async with board, own:
        for socket in (board, own):
            await socket.hello()
        positions = [(await socket.receive("snapshot"))["position"] for socket in (board, own)]
        await check_in(interview)
        await publish_and_hint()
        for socket, position in zip((board, own), positions, strict=True):
            frame = await socket.receive("changes")
            assert frame["from"] == position + 1
            rows = {change["key"]: change["row"] for change in frame["changes"]}
            assert rows[f"interview:{interview.pk}"]["status"] == "arrived"
        notices = [row for key, row in rows.items() if key.startswith("notice:")]
        assert [notice["event"] for notice in notices if not notice["read"]] == [
            "assigned",
            "arrived",
        ][-len(notices) :]


async def test_a_lost_message_of_the_relay_delays_a_change_by_a_second_at_most(
    lin: User, interview: Interview
) -> None:
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        await check_in(interview)
        await sync_to_async(_publish_without_hint)()
        frame = await socket.receive("changes")
        rows = {change["key"]: change["row"] for change in frame["changes"]}
        assert rows[f"interview:{interview.pk}"]["status"] == "arrived"


def _publish_without_hint() -> None:
    assert publish_all(), "the premise: something was published"


async def test_a_client_that_reconnects_gets_exactly_what_it_missed(
    lin: User, interview: Interview
) -> None:
    session = await session_of(lin)
    async with LiveClient(BOARD, session=session) as socket:
        await socket.hello()
        snapshot = await socket.receive("snapshot")
    await check_in(interview)
    await publish_and_hint()
    async with LiveClient(BOARD, session=session) as socket:
        welcome = await socket.hello(epoch=snapshot["epoch"], position=snapshot["position"])
        assert welcome["resumed"] is True
        frame = await socket.receive("changes")
        assert frame["from"] == snapshot["position"] + 1
        assert frame["to"] == welcome["position"], (
            "the welcome contains the position after which changes are live"
        )
        assert f"interview:{interview.pk}" in {change["key"] for change in frame["changes"]}


@pytest.mark.parametrize(("epoch", "position"), [("another", 1), ("", 10**9)])
async def test_a_position_that_the_log_does_not_know_gets_a_snapshot(
    lin: User, interview: Interview, epoch: str, position: int
) -> None:
    head = await sync_to_async(head_of)(autumn_board())
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        welcome = await socket.hello(epoch=epoch or head.epoch, position=position)
        assert welcome["resumed"] is False
        assert (await socket.receive("snapshot"))["rows"]


async def test_a_socket_without_a_session_is_told_to_sign_in(campaign: Campaign) -> None:
    async with LiveClient(BOARD, session=None) as socket:
        assert await socket.closed_with() == ([], CloseCode.SIGNED_OUT)


@pytest.mark.parametrize("path", [BOARD, "/ws/wall/autumn/"])
async def test_an_outsider_receives_nothing_and_is_refused(
    path: str, sun: User, interview: Interview
) -> None:
    async with LiveClient(path, session=await session_of(sun)) as socket:
        assert await socket.closed_with() == ([], CloseCode.NOT_ALLOWED)


async def test_rights_that_end_while_they_are_read_close_the_socket(
    campaign: Campaign, lin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interleaving: the hub hears of the change before it knows whom the socket belongs to."""
    run, session = admission_batch.run_in_db_thread, await session_of(lin)

    async def end_meanwhile(decide: Any, requests: Any) -> Any:
        decisions = await run(decide, requests)
        monkeypatch.setattr(admission_batch, "run_in_db_thread", run)
        await campaign.members.all().adelete()
        current_hub().access_watcher.recheck_all()
        return decisions

    monkeypatch.setattr(admission_batch, "run_in_db_thread", end_meanwhile)
    async with LiveClient(BOARD, session=session) as socket:
        _, code = await socket.closed_with()
    assert code == CloseCode.NOT_ALLOWED


async def test_a_coordinator_of_one_campaign_is_an_outsider_in_another(lin: User) -> None:
    await sync_to_async(make_campaign)(slug="secret")
    async with LiveClient("/ws/board/secret/", session=await session_of(lin)) as socket:
        assert await socket.closed_with() == ([], CloseCode.NOT_ALLOWED)


async def test_an_unknown_campaign_is_refused_like_one_without_membership(lin: User) -> None:
    async with LiveClient("/ws/board/nowhere/", session=await session_of(lin)) as socket:
        assert await socket.closed_with() == ([], CloseCode.NOT_ALLOWED)


@pytest.mark.parametrize("origin", ["http://evil.example", "https://testserver", None])
async def test_a_page_of_a_foreign_origin_is_refused_even_with_a_session(
    lin: User, origin: str | None
) -> None:
    session = await session_of(lin)
    async with LiveClient(BOARD, session=session, origin=origin) as socket:
        assert await socket.closed_with() == ([], CloseCode.NOT_ALLOWED)


async def test_an_interviewer_receives_only_their_own_interviews(
    wu: User, zhao: User, interview: Interview
) -> None:
    async with LiveClient("/ws/me/", session=await session_of(zhao)) as socket:
        welcome = await socket.hello()
        assert welcome["topic"] == f"person.{zhao.pk}"
        assert (await socket.receive("snapshot"))["rows"] == []
        await check_in(interview)
        await publish_and_hint()
        assert await socket.is_quiet()


async def test_operations_see_all_task_runs_and_others_see_their_own(chen: User, lin: User) -> None:
    for person, topic in ((chen, "tasks"), (lin, f"tasks.{lin.pk}")):
        async with LiveClient("/ws/tasks/", session=await session_of(person)) as socket:
            assert (await socket.hello())["topic"] == topic


async def test_the_wall_masks_the_candidates_name_and_names_no_one_else(
    lin: User, interview: Interview
) -> None:
    async with LiveClient("/ws/wall/autumn/", session=await session_of(lin)) as socket:
        await socket.hello()
        [row] = (await socket.receive("snapshot"))["rows"]
    name = await sync_to_async(lambda: interview.application.candidate.name)()
    assert row["candidate"] == name[0] + "*" * (len(name) - 1)
    assert row["interviewers"] == []
    assert not {"search", "assignments", "candidate_id", "application", "reason"} & row.keys()


async def test_viewers_of_a_board_see_each_other_and_what_each_has_open(
    lin: User, admin: User, interview: Interview
) -> None:
    first = LiveClient(BOARD, session=await session_of(lin))
    second = LiveClient(BOARD, session=await session_of(admin))
    async with first, second:
        await first.hello()
        await first.receive("snapshot")
        await second.hello()
        await second.receive("snapshot")
        await second.send({"type": "watching", "key": f"interview:{interview.pk}"})
        key = f"presence:{admin.pk}"
        while True:
            items = {item["key"]: item["row"] for item in (await first.receive("latest"))["items"]}
            if items.get(key, {}).get("watching"):
                break
        assert items[key]["watching"] == f"interview:{interview.pk}"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "bad_json"),
        ("[" * 50_000, "bad_json"),
        ('{"type":"dance"}', "unknown_type"),
        ("[]", "unknown_type"),
        ('{"type":"ack","position":"7"}', "bad_field"),
        ('{"type":"watching","key":7}', "bad_field"),
    ],
)
async def test_an_invalid_frame_is_explained_and_the_socket_stays_open(
    frame: str, code: str, lin: User
) -> None:
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        await socket.send(frame)
        error = await socket.receive("error")
        assert error["code"] == code
        assert error["detail"]
        assert await socket.is_quiet()


async def test_a_first_frame_other_than_hello_closes_the_socket(lin: User) -> None:
    async with LiveClient(BOARD, session=await session_of(lin)) as socket:
        await socket.send({"type": "ack", "position": 1})
        assert await socket.closed_with() == ([], CloseCode.BROKEN_PROTOCOL)
