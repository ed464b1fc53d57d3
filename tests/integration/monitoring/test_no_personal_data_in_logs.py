"""No log line contains personal data, whatever users do and however the product fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from interview.models import Interview
from jobs.models import Campaign, Candidate
from monitoring.bulk_signals import rows_changed
from project.celery import app
from realtime.sockets.base_consumer import SocketConsumer
from tests.factories import make_candidate, make_interview
from tests.people import signed_in
from tests.support.product.failing_urls import FAILURES
from tests.support.product.log_lines import CapturedLog, logging_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def interview(campaign: Campaign) -> Interview:
    """An interview of the first candidate of a campaign with many candidates."""
    interview = make_interview(campaign=campaign)
    for _ in range(60):
        make_candidate(campaign=campaign)
    return interview


@pytest.fixture(params=["console", "json"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CapturedLog]:
    with logging_to(tmp_path / "logs", request.param, level="DEBUG") as log:
        yield log


@pytest.fixture
def lin_client(
    client: Client, lin: User, interview: Interview, settings: Settings, tmp_path: Path
) -> Client:
    settings.MEDIA_ROOT = tmp_path
    settings.ROOT_URLCONF = "tests.support.product.failing_urls"
    settings.SLOW_REQUEST_SECONDS = settings.SLOW_QUERY_SECONDS = 0  # everything is logged
    client.raise_request_exception = False
    return signed_in(client, lin)


def assert_no_personal_data(log: CapturedLog) -> None:
    """First proves that the text would be found, and that every handler has written lines."""
    people = list(Candidate.objects.values_list("name", "email", "mobile"))
    assert len(people) > 50
    secrets = {word for person in people for word in person if word}
    secrets |= {mobile.removeprefix("+86") for _name, _email, mobile in people if mobile}
    texts = log.texts()
    for name, text in texts.items():
        assert text, f"{name} is empty and proves nothing"
        found = [word for word in secrets if word in text]
        assert not found, f"{name} contains {found}"
        escaped = [word for word in secrets if word.encode("unicode_escape").decode() in text]
        assert not escaped


def person() -> Candidate:
    """The candidate of the interview."""
    candidate = Candidate.objects.order_by("pk").first()
    assert candidate is not None
    return candidate


def test_a_failing_page_about_a_person_does_not_log_their_name(
    lin_client: Client, log: CapturedLog
) -> None:
    one = person()
    for how in FAILURES:
        response = lin_client.post(
            f"/fail/{how}/", {"pk": one.pk, "name": one.name, "mail": one.email}
        )
        assert response.status_code in {400, 500}
        if response.status_code == 500:
            assert f"in {how}" in log.texts()["error.log"], (
                "the traceback names the failing function"
            )
        assert how in log.texts()["recruit.log"]
    assert "one_candidate_per_email" in log.texts()["error.log"], (
        "the name of the constraint is not personal"
    )
    assert_no_personal_data(log)


def test_pages_imports_and_scorecards_log_no_names(
    lin_client: Client, interview: Interview, campaign: Campaign, log: CapturedLog
) -> None:
    one = person()
    seen = lin_client.get(reverse("candidates"), {"campaign": campaign.slug, "q": one.name})
    assert one.name in seen.content.decode(), "the premise"
    assert interview.application.candidate == one
    assert lin_client.get(reverse("interview", args=[interview.pk])).status_code == 200
    rows = f"姓名,手机,邮箱\n{one.name},{one.mobile},{one.email}\n{one.name},12,no\n"
    file = SimpleUploadedFile(f"{one.name}.csv", rows.encode())
    response = lin_client.post(reverse("imports"), {"file": file, "campaign": campaign.slug})
    assert response.status_code == 302
    assert lin_client.get(response["Location"]).status_code == 200
    card = interview.assignments.first()
    assert card is not None
    wrong = {"strengths": f"{one.name} is calm", "do": "review"}
    lin_client.post(reverse("scorecard", args=[interview.pk]), wrong)
    assert lin_client.get(f"/nowhere/?q={one.name}&email={one.email}").status_code == 404
    assert lin_client.post(f"/api/v1/candidates/?name={one.name}", {"name": one.name}).status_code in {400, 415}  # fmt: skip  # noqa: E501
    lin_client.post("/fail/value/", {"pk": one.pk, "name": one.name})
    assert_no_personal_data(log)


def test_a_url_that_contains_a_token_is_not_logged(client: Client, log: CapturedLog) -> None:
    key = "a-key-that-opens-the-calendar"
    assert client.get(f"/calendar/{key}.ics").status_code == 404
    assert client.get(f"/my-application/{key}/?token={key}").status_code == 404
    texts = log.texts()
    assert "/calendar/" in texts["recruit.log"], "the premise"
    assert all(key not in text for text in texts.values())


def assert_not_logged(log: CapturedLog, one: Candidate) -> None:
    for text in log.texts().values():
        secrets = (one.name, one.email, one.mobile.removeprefix("+86"))
        assert not [word for word in secrets if word in text]


@app.task(name="tests.fail_over_somebody")
def fail_over(name: str) -> None:
    raise ValueError(f"{name} is unknown")


def test_a_failing_task_does_not_log_the_person_concerned(log: CapturedLog) -> None:
    one = make_candidate(name="王小明")
    fail_over.apply(args=[one.name], task_id="5e55")
    [line] = [line for line in log.texts()["error.log"].splitlines() if "raised unexpected" in line]
    assert "tests.fail_over_somebody" in line
    assert "5e55" in line
    assert "in fail_over" in log.texts()["error.log"]
    assert_not_logged(log, one)


def test_a_failing_socket_does_not_log_the_person_concerned(log: CapturedLog) -> None:
    one = make_candidate(name="王小明")

    class Failing(SocketConsumer):
        label = "board"

        async def _admit(self) -> None: ...
        async def _release(self) -> None: ...
        async def _receive(self, text: str | None) -> None:
            raise ValueError(text)

    async def talk() -> None:
        socket = WebsocketCommunicator(Failing.as_asgi(), "/ws/")
        await socket.connect()
        await socket.send_to(text_data=f"{one.name} {one.email}")
        assert "goodbye" in await socket.receive_from()
        await socket.receive_output()
        await socket.disconnect()

    asyncio.run(talk())
    assert "A socket failed" in log.texts()["error.log"]
    assert "socket_id" in log.texts()["error.log"]
    assert_not_logged(log, one)


def test_a_failing_signal_receiver_does_not_log_names(log: CapturedLog) -> None:
    one = make_candidate(name="王小明")

    def receiver(**kwargs: Any) -> None:
        raise ValueError(str(Candidate.objects.all()[:3]))

    rows_changed.connect(receiver, sender=Candidate)
    try:
        rows_changed.send_robust(sender=Candidate, ids=[], fields=[])
    finally:
        rows_changed.disconnect(receiver, sender=Candidate)
    assert "in receiver" in log.texts()["error.log"]
    assert_not_logged(log, one)
