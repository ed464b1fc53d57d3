"""The AsyncAPI document is valid, and every message in it is seen in live traffic.

The clients of all tests (tests/support) check that live traffic contains nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client
from jsonschema import Draft7Validator

from interview import services
from interview.models import Interview, Robot
from interview.services.transitions import Actor
from jobs.models import Campaign
from realtime.background import progress, task_rows, task_runs
from realtime.background.heartbeats import HeartbeatWriter
from realtime.hub.hub import current_hub
from realtime.hub.presence import MAX_VIEWERS_SHOWN, OTHERS
from realtime.log.relay_activity import STALLED_SECONDS
from realtime.models import Heartbeat
from realtime.operations.status import status_row
from realtime.protocol.close_codes import CloseCode
from realtime.protocol.server_frames import STALLED, Row
from realtime.routing import websocket_urlpatterns
from tests.factories import make_interview
from tests.people import signed_in
from tests.support.clients.live import LiveClient
from tests.support.contracts import asyncapi
from tests.support.contracts.asyncapi import DOCUMENT, NAME, REGISTRY
from tests.support.product.relay import publish_and_hint

PATHS = {
    "board": "/ws/board/autumn/",
    "wall": "/ws/wall/autumn/",
    "me": "/ws/me/",
    "tasks": "/ws/tasks/",
    "ops": "/ws/ops/",
}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (it for name, it in value.items() if name == "$ref")
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from references(child)


def resolved(pointer: str) -> Any:
    return REGISTRY.resolver(NAME).lookup(pointer).contents


def test_the_document_has_everything_that_asyncapi_3_requires() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    for server in DOCUMENT["servers"].values():
        assert {"host", "protocol"} <= server.keys()
    for pointer in references(DOCUMENT):
        assert resolved(pointer) is not None, pointer
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = operation["channel"]["$ref"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/"), (
                "the message belongs to its own channel"
            )


def test_every_message_belongs_to_an_operation_and_has_a_valid_schema() -> None:
    used = {m["$ref"] for o in DOCUMENT["operations"].values() for m in o["messages"]}
    for name, channel in DOCUMENT["channels"].items():
        for kind, message in channel["messages"].items():
            assert f"#/channels/{name}/messages/{kind}" in used
            payload = resolved(message["$ref"])["payload"]
            Draft7Validator.check_schema(payload)
            assert payload["additionalProperties"] is False
            assert payload["properties"]["type"] == {"const": kind}
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft7Validator.check_schema(schema)
        assert schema.get("type") != "object" or schema["additionalProperties"] is False, name


def test_the_document_lists_exactly_the_paths_that_are_served() -> None:
    served = {"/" + str(p.pattern).replace("<slug:", "{").replace(">", "}") for p in routes()}
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == served


def routes() -> list[Any]:
    """All paths except the one that closes unknown addresses."""
    return [pattern for pattern in websocket_urlpatterns if str(pattern.pattern)]


def test_the_document_explains_every_close_code() -> None:
    for code in CloseCode:
        assert f"| {int(code)} |" in DOCUMENT["info"]["description"]
    returning = DOCUMENT["components"]["messages"]["goodbye"]["payload"]["properties"]["code"]
    assert returning["enum"] == [code for code in CloseCode if code < CloseCode.BROKEN_PROTOCOL]


TOPIC = "board.autumn.2026-11-29"


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "pong", "ref": 1, "at": 2},
        {"type": "pong"},
        {"type": "error", "code": "tired", "detail": "?"},
        {
            "type": "latest",
            "topic": "board.autumn.2026-11-29",
            "items": [{"key": "room:1", "row": {}}],
        },
        {"type": "surprise"},
    ],
)
def test_a_frame_that_violates_the_document_fails_the_test_that_sees_it(
    frame: dict[str, Any],
) -> None:
    asyncapi.check(PATHS["board"], {"type": "pong", "ref": 1})
    with pytest.raises(AssertionError):
        asyncapi.check(PATHS["board"], frame)


def documented(channel: str) -> set[asyncapi.Seen]:
    """Every frame type of a channel, and every kind of row that its frames may contain."""
    messages = DOCUMENT["channels"][channel]["messages"]
    rows = {kind for message in messages.values() for kind in kinds_of(message["$ref"])}
    return {(channel, kind) for kind in messages.keys() | rows}


def kinds_of(pointer: str) -> Iterator[str]:
    """The kinds of rows that this schema refers to."""
    value = resolved(pointer)
    if "kind" in value.get("properties", {}):
        yield value["properties"]["kind"]["const"]
    for further in references(value):
        yield from kinds_of(further)


@pytest.fixture
async def _hub_ends_with_the_test() -> AsyncIterator[None]:
    yield
    await current_hub().close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_hub_ends_with_the_test")
@pytest.mark.parametrize("channel", PATHS)
async def test_every_frame_and_every_kind_of_row_is_seen_in_a_live_exchange(
    channel: str, lin: User, wu: User, chen: User, campaign: Campaign
) -> None:
    """Everything that can happen on a socket, from the welcome to the goodbye."""
    interview = await sync_to_async(make_interview)(campaign=campaign, interviewers=[wu])
    run = await sync_to_async(task_runs.task_run_create)(name="import", title="People", owner=wu)
    await sync_to_async(HeartbeatWriter(Heartbeat.Process.WORKER).beat)()
    await sync_to_async(Robot.objects.create)(name="autumn", campaign=campaign)
    person = {"board": lin, "wall": lin, "me": wu, "tasks": chen, "ops": chen}[channel]
    client = await sync_to_async(signed_in)(Client(), person)
    asyncapi.seen.clear()
    async with LiveClient(PATHS[channel], session=client.cookies["sessionid"].value) as socket:
        topic = (await socket.hello())["topic"]
        await socket.receive("snapshot")
        await send_every_client_frame(socket, channel, topic, interview)
        await sync_to_async(check_in)(interview)
        await sync_to_async(task_runs.mark_started)(run, total=10)
        if channel == "ops":
            await sync_to_async(task_runs.mark_failed)(run, message="The disk is full")
        await publish_and_hint()
        await socket.receive("changes")
        if channel in {"me", "tasks"}:
            await publish_latest(socket, topic, await sync_to_async(task_rows.task_row)(run))
        if channel == "ops":
            await publish_latest(socket, topic, await sync_to_async(status_row)())
        assert await socket.is_quiet()
        await become_stalled(socket)
        await current_hub().sockets.drain(within_seconds=0)
        assert (await socket.closed_with())[1] == CloseCode.GOING_AWAY
    assert documented(channel) - asyncapi.seen == set()


async def send_every_client_frame(
    socket: LiveClient, channel: str, topic: str, interview: Interview
) -> None:
    """Every frame that a client may send after its hello, and an invalid one."""
    await socket.send({"type": "ack", "position": 0, "shown_ms": 8.5})
    if channel == "board":
        await join_more_viewers_than_listed(topic)
        await socket.send({"type": "watching", "key": f"interview:{interview.pk}"})
        while OTHERS not in {item["key"] for item in (await socket.receive("latest"))["items"]}:
            pass
    await socket.send("{")
    await socket.receive("error")


async def join_more_viewers_than_listed(topic: str) -> None:
    """More viewers than the presence rows list by name."""
    for number in range(MAX_VIEWERS_SHOWN + 1):
        await current_hub().presence.join(topic, 10_000 + number, f"Person {number}", "PN")


async def become_stalled(socket: LiveClient) -> None:
    """No relay runs in this process; only the seconds of its silence are skipped."""
    current_hub()._relay_watch.silence.set_seconds(STALLED_SECONDS + 1)
    while STALLED not in {item["key"] for item in (await socket.receive("latest"))["items"]}:
        pass


def check_in(interview: Interview) -> None:
    services.interview_check_in(
        interview_id=interview.pk, version=1, actor=Actor(user=None, source="test")
    )


async def publish_latest(socket: LiveClient, topic: str, row: Row) -> None:
    """Publish a latest-wins row as the relay does, until the socket gets it.

    It is repeated because joining a group takes a moment.
    """
    message = {"type": "realtime.latest", "topic": topic, "items": {row["key"]: row}}
    received = asyncio.create_task(socket.receive("latest"))
    while not received.done():
        await get_channel_layer().group_send(topic, message)
        await asyncio.wait([received], timeout=progress.TICK_SECONDS)
    assert {item["key"] for item in (await received)["items"]} == {row["key"]}
