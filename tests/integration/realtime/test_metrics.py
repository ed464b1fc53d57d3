"""The metrics of the live stream: each changes when and by how much it should.

No series depends on who was connected.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from interview import services
from interview.models import Interview
from interview.services.transitions import Actor
from jobs.models import Campaign
from monitoring.metrics.db_gauges import DB_GAUGES
from realtime import relay_process
from realtime.database import run_in_db_thread
from realtime.hub import send_queue
from realtime.hub.hub import current_hub
from realtime.log import changes
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.limits import ConnectionLimits
from realtime.relay.audience import Audience
from realtime.sockets import topic_consumer
from tests.factories import make_campaign, make_interview, make_member
from tests.people import make_person, signed_in
from tests.support.clients.live import LiveClient
from tests.support.contracts.metrics_in_process import Scrape, scraped
from tests.support.product.day_topics import autumn_board
from tests.support.product.relay import publish_all, publish_and_hint

pytestmark = pytest.mark.django_db(transaction=True)

BOARD = "/ws/board/autumn/"
HELLO = {"type": "hello", "epoch": None, "position": None}
PATIENCE_SECONDS = 20.0
LIVE = ("recruit_ws", "recruit_hub", "recruit_live", "recruit_snapshot", "recruit_layer")


@pytest.fixture(autouse=True)
async def _hub_ends_with_the_test() -> AsyncIterator[None]:
    gc.collect()  # hubs of earlier tests are gone, and do not go while we count
    yield
    await current_hub().close()


@pytest.fixture
def interview(campaign: Campaign) -> Interview:
    return make_interview(campaign=campaign)


@sync_to_async
def session_of(person: User) -> str:
    return signed_in(Client(), person).cookies["sessionid"].value


@sync_to_async
def check_in(interview: Interview) -> None:
    services.interview_check_in(
        interview_id=interview.pk, version=1, actor=Actor(user=None, source="test")
    )


async def change_when(is_complete: Callable[[Scrape], float | bool], before: Scrape) -> Scrape:
    """Wait until this is true of the changed metrics; return them."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_complete(change := scraped().since(before)):  # noqa: ASYNC110  there is no event for it
            await asyncio.sleep(0.01)
    return change


async def test_sockets_frames_and_snapshots_of_a_board_are_counted(
    lin: User, interview: Interview
) -> None:
    session, before = await session_of(lin), scraped()
    async with LiveClient(BOARD, session=session) as socket:
        await socket.hello()
        snapshot = await socket.receive("snapshot")
        async with LiveClient(BOARD, session=session) as second:
            await second.hello()
            await second.receive("snapshot")
            now = scraped().since(before)
            assert now.of("recruit_ws_sockets_open", consumer="board") == 2
            assert now.of("recruit_hub_topics", topic="board") == 1
            assert now.of("recruit_hub_topics", topic="access") == 1
            await second.leave(1001)
        await check_in(interview)
        [batch] = [one for one in await publish_and_hint() if one.topic == autumn_board()]
        await socket.receive("changes")
        await socket.send(f'{{"type":"ack","position":{batch.last},"shown_ms":120}}')
        await socket.send("{")
        await socket.receive("error")
        assert await socket.is_quiet()
        await change_when(
            lambda change: change.of("recruit_commit_to_socket_seconds_count"), before
        )
        await change_when(lambda change: change.of("recruit_event_loop_lag_seconds_count"), before)
        await change_when(lambda change: change.of("recruit_layer_publish_seconds_count"), before)
    async with LiveClient(BOARD, session=session) as back:
        await back.hello(epoch=snapshot["epoch"], position=snapshot["position"])
        await back.leave(4242)
    async with LiveClient(BOARD, session=session) as lost:
        await lost.hello(epoch="of another time", position=3)
    change = scraped().since(before)
    assert_sockets_are_counted(change)
    assert_frames_are_counted(change, batch.last)
    assert_snapshots_are_counted(change)
    assert change.series(*LIVE) == before.series(*LIVE), (
        "a series must exist at zero, or its first increase is lost"
    )


def assert_sockets_are_counted(change: Scrape) -> None:
    board = {"consumer": "board"}
    assert change.of("recruit_ws_sockets_open", **board) == 0
    assert change.of("recruit_ws_accepted_total", **board) == 4
    assert change.of("recruit_ws_refused_total", **board) == 0
    assert change.of("recruit_ws_handshake_seconds_count", **board) == 4
    assert change.of("recruit_ws_socket_age_seconds_count", **board) == 4
    codes = ("1000", "1001", "other")
    closed = [change.of("recruit_ws_sockets_closed_total", **board, code=code) for code in codes]
    assert closed == [2, 1, 1]
    assert change.of("recruit_ws_sockets_closed_total") == 4
    assert change.of("recruit_ws_accepted_total") == 4, "no other consumer had a socket"


def assert_frames_are_counted(change: Scrape, position: int) -> None:
    received = {"hello": 4, "ack": 1, "ping": 1, "wrong": 1, "watching": 0}
    for kind, times in received.items():
        labels = {"consumer": "board", "kind": kind}
        assert change.of("recruit_ws_frames_received_total", **labels) == times
        handled = 0 if kind == "wrong" else times
        assert change.of("recruit_ws_handler_seconds_count", **labels) == handled
    ack = len(f'{{"type":"ack","position":{position},"shown_ms":120}}')
    assert change.of("recruit_ws_bytes_received_total", consumer="board", kind="ack") == ack
    assert change.of("recruit_ws_bytes_received_total", consumer="board", kind="wrong") == 1
    sent = {"welcome": 4, "snapshot": 3, "error": 1, "pong": 1, "goodbye": 0}
    for kind, times in sent.items():
        assert change.of("recruit_ws_frames_sent_total", consumer="board", kind=kind) == times
    pong = len('{"type":"pong","ref":"quiet?"}')
    assert change.of("recruit_ws_bytes_sent_total", consumer="board", kind="pong") == pong
    assert change.of("recruit_ws_frames_sent_total", consumer="board", kind="changes") >= 2
    assert change.of("recruit_ws_bytes_sent_total", consumer="board", kind="changes") > 200
    assert change.of("recruit_ws_handler_errors_total") == 0
    assert change.of("recruit_commit_to_paint_seconds_sum", consumer="board") == pytest.approx(0.12)


def assert_snapshots_are_counted(change: Scrape) -> None:
    board = {"topic": "board"}
    outcomes = ("fresh", "resumed", "lost")
    began = [change.of("recruit_ws_beginnings_total", **board, outcome=one) for one in outcomes]
    assert began == [2, 1, 1]
    rendered = change.of("recruit_snapshots_total", **board, source="rendered")
    assert rendered >= 1
    assert rendered + change.of("recruit_snapshots_total", **board, source="kept") == 3
    assert change.of("recruit_snapshots_total", **board, source="kept") >= 1
    assert change.of("recruit_snapshot_seconds_count", **board) == rendered
    assert change.of("recruit_snapshot_bytes_sum", **board) > 200 * rendered
    assert change.of("recruit_database_wait_seconds_count") > 4


async def metrics_of_refusal(session: str | None, code: CloseCode, **options: str) -> Scrape:
    """The metrics changed by a refused socket, which may have a hello and an origin."""
    before, hello = scraped(), options.pop("hello", None)
    async with LiveClient(BOARD, session=session, **options) as socket:
        if hello is not None:
            await socket.send(hello)
        assert (await socket.closed_with())[1] == code
    change = scraped().since(before)
    assert change.of("recruit_ws_accepted_total") == 0
    assert change.of("recruit_ws_refused_total", consumer="board") == 1
    assert change.of("recruit_ws_sockets_closed_total", consumer="board", code=str(int(code))) == 1
    return change


async def test_a_refused_socket_is_counted_once_with_the_reason(
    lin: User, sun: User, interview: Interview, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_refused_for(change: Scrape, reason: str) -> bool:
        return change.of("recruit_ws_refused_total", consumer="board", reason=reason) == 1

    lin_session, sun_session, here = await session_of(lin), await session_of(sun), current_hub()
    hello = '{"type":"hello","epoch":null,"position":null}'
    shown = '{"type":"hello","epoch":null,"position":null,"ticket":"any"}'
    foreign = {"origin": "http://evil.example"}
    assert is_refused_for(
        await metrics_of_refusal(lin_session, CloseCode.NOT_ALLOWED, **foreign), "origin"
    )
    assert is_refused_for(
        await metrics_of_refusal(sun_session, CloseCode.NOT_ALLOWED), "not_allowed"
    )
    assert is_refused_for(
        await metrics_of_refusal(None, CloseCode.SIGNED_OUT, hello=hello), "signed_out"
    )
    early = '{"type":"ping","ref":1}'
    assert is_refused_for(
        await metrics_of_refusal(None, CloseCode.BROKEN_PROTOCOL, hello=early), "no_hello"
    )
    monkeypatch.setattr(topic_consumer, "TICKET_WITHIN_SECONDS", 0.01)
    assert is_refused_for(await metrics_of_refusal(None, CloseCode.SIGNED_OUT), "no_hello")
    monkeypatch.undo()
    nowhere = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1"}
    settings.CACHES = {"default": nowhere}
    assert is_refused_for(
        await metrics_of_refusal(None, CloseCode.GOING_AWAY, hello=shown), "failure"
    )
    monkeypatch.setattr(here.sockets, "_limits", ConnectionLimits(process=9, address=9, person=0))
    assert is_refused_for(
        await metrics_of_refusal(lin_session, CloseCode.LIMIT_EXCEEDED), "too_many"
    )
    await here.sockets.drain(within_seconds=0)
    assert is_refused_for(await metrics_of_refusal(lin_session, CloseCode.GOING_AWAY), "going_away")


async def test_a_handler_failure_is_counted_apart_from_a_protocol_error(
    lin: User, interview: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError

    session, errors = await session_of(lin), "recruit_ws_handler_errors_total"
    before = scraped()
    async with LiveClient(BOARD, session=session) as socket:
        await socket.send({"type": "ping", "ref": 1})
        assert (await socket.closed_with())[1] == CloseCode.BROKEN_PROTOCOL
    assert scraped().since(before).of(errors) == 0
    monkeypatch.setattr(current_hub(), "subscribe", broken)
    async with LiveClient(BOARD, session=session) as socket:
        await socket.send(HELLO)
        assert (await socket.closed_with())[1] == CloseCode.GOING_AWAY
    change = scraped().since(before)
    assert change.of(errors, consumer="board", kind="hello") == change.of(errors) == 1
    assert change.of("recruit_ws_refused_total") == 0, "both sockets had been admitted"


async def test_a_slow_reader_is_counted_as_it_falls_behind_and_is_closed(
    lin: User, interview: Interview, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each poll of the database sends one frame; nothing after the first three is acknowledged."""
    monkeypatch.setattr(send_queue, "WINDOW_FRAMES", 3)
    monkeypatch.setattr(send_queue, "MAX_QUEUED_FRAMES", 2)
    session, before = await session_of(lin), scraped()
    async with LiveClient(BOARD, session=session) as socket:
        await socket.hello()
        await socket.receive("snapshot")

        async def more(waiting: int) -> None:
            await run_in_db_thread(changes.record, [(autumn_board(), f"interview:{interview.pk}")])
            await publish_and_hint()
            await change_when(
                lambda now: now.of("recruit_ws_mailbox_frames", consumer="board") >= waiting, before
            )
            deepest = scraped().of("recruit_ws_mailbox_deepest_frames", consumer="board")
            assert deepest >= waiting

        await more(waiting=0)
        await more(waiting=1)
        await more(waiting=2)
        await more(waiting=0)
        assert (await socket.closed_with())[1] == CloseCode.SLOW_READER
    change = scraped().since(before)
    assert change.of("recruit_ws_slow_readers_total", consumer="board") == 1
    assert change.of("recruit_ws_sockets_closed_total", consumer="board", code="4008") == 1
    assert change.of("recruit_ws_frames_sent_total", consumer="board", kind="goodbye") == 1
    assert change.of("recruit_ws_mailbox_frames", consumer="board") == 0


async def test_each_position_found_only_by_polling_is_counted_as_a_gap(
    lin: User, interview: Interview
) -> None:
    session, keys = await session_of(lin), [f"interview:{interview.pk}", "counter:late"]
    await run_in_db_thread(publish_all)
    async with LiveClient(BOARD, session=session) as socket:
        await socket.hello()
        await socket.receive("snapshot")
        before = scraped()
        await run_in_db_thread(changes.record, [(autumn_board(), key) for key in keys])
        assert await run_in_db_thread(publish_all), "the premise: published without a message"
        await socket.receive("changes")
        change = scraped().since(before)
        assert change.of("recruit_hub_gaps_total", topic="board") == 2


async def test_the_relays_output_and_backlog_are_counted(lin: User, interview: Interview) -> None:
    await run_in_db_thread(publish_all)
    audience, session = Audience(), await session_of(lin)
    async with LiveClient(BOARD, session=session) as socket:
        await socket.hello()
        await change_when(lambda now: audience.with_listeners({autumn_board()}) != set(), scraped())
        await publish_a_few(interview, audience)


async def publish_a_few(interview: Interview, audience: Audience) -> None:
    keys = [f"interview:{interview.pk}", "counter:late", f"interview:{interview.pk}"]
    for key in keys:
        await run_in_db_thread(changes.record, [(autumn_board(), key)])
    waiting, oldest = "recruit_relay_pending_markers", "recruit_relay_oldest_marker_seconds"
    assert await run_in_db_thread(DB_GAUGES.get_sample_value, waiting) == 3
    assert await run_in_db_thread(DB_GAUGES.get_sample_value, oldest) > 0
    before = scraped()
    activity, claims = relay_process.ActivityWriter(), relay_process.Claims()
    turn = partial(relay_process._number_and_render, audience, activity, claims)
    is_full, batches = await run_in_db_thread(turn)
    assert (is_full, [len(batch.changes) for batch in batches]) == (False, [2])
    change = scraped().since(before)
    assert change.of("recruit_live_folded_total", topic="board") == 1
    assert change.of("recruit_relay_turn_seconds_count") == 1
    assert change.of("recruit_relay_batches_total") == 1
    assert change.of("recruit_relay_batch_size_count") == 1
    assert change.of("recruit_relay_batch_size_sum") == 2
    assert change.of("recruit_relay_changes_total") == 2
    assert await run_in_db_thread(DB_GAUGES.get_sample_value, waiting) == 0
    assert await run_in_db_thread(DB_GAUGES.get_sample_value, oldest) == 0
    await run_in_db_thread(turn)
    assert scraped().since(before).of("recruit_relay_turn_seconds_count") == 1, (
        "an idle poll is measured too"
    )


async def test_the_number_of_series_does_not_grow_with_users_or_campaigns(lin: User) -> None:
    @sync_to_async
    def campaign_with_a_coordinator(number: int) -> tuple[str, str, Interview]:
        campaign = make_campaign(slug=f"campaign-{number}")
        person = make_person(f"coordinator-{number}", "coordinator")
        make_member(campaign, person)
        session = signed_in(Client(), person).cookies["sessionid"].value
        return campaign.slug, session, make_interview(campaign=campaign)

    async def watch(slug: str, session: str, interview: Interview) -> None:
        board = LiveClient(f"/ws/board/{slug}/", session=session)
        own = LiveClient("/ws/me/", session=session)
        async with board, own:
            for socket in (board, own):
                await socket.hello()
                await socket.receive("snapshot")
            await check_in(interview)
            await publish_and_hint()
            await board.receive("changes")

    first, *others = [await campaign_with_a_coordinator(number) for number in range(3)]
    await watch(*first)
    before = scraped()
    for other in others:
        await watch(*other)
    after = scraped()
    assert after.since(before).of("recruit_ws_accepted_total") == 4, "the premise: they were there"
    assert after.series() == before.series()
