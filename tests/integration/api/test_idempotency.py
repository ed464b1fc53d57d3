"""A request with an `Idempotency-Key` may be repeated and is executed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone

from interview import services
from interview.models import Interview, Room
from jobs.models import Campaign, CampaignMember, Candidate
from jobs.models.imports import ImportRun
from jobs.privacy.anonymisation import candidates_anonymise
from project.web.api_schema import KEY
from realtime.http.idempotency import ABANDONED_AFTER, HEADER, claim_key
from realtime.models import IdempotencyRecord
from realtime.retention import KEEP_IDEMPOTENCY_RECORDS_FOR, trim_kept_answers
from tests.factories import (
    make_application,
    make_campaign,
    make_interview,
    make_interviewer,
    make_room,
)
from tests.people import make_person, signed_in
from tests.support.clients.api import ROOT, refused

PEOPLE = "姓名,手机\n李小龙,18900003333\n".encode()


class Sender:
    """Sends the same request any number of times."""

    def __init__(self, person: User) -> None:
        self.client = signed_in(Client(), person)

    def post(self, address: str, entries: Any, key: str = "a-key") -> Any:
        headers = {HEADER: key}
        body = {"data": entries, "content_type": "application/json", "headers": headers}
        return self.client.post(ROOT + address, **body)


@pytest.fixture
def lin_client(lin: User) -> Sender:
    return Sender(lin)


ROOM = {"campaign": "autumn", "name": "A-1"}


def is_replayed(response: Any) -> bool:
    return response.headers.get("Idempotency-Replayed") == "true"


def test_a_repeated_request_gets_the_same_response_and_is_executed_once(lin_client: Sender) -> None:
    first, second = lin_client.post("rooms/", ROOM), lin_client.post("rooms/", ROOM)
    assert (first.status_code, is_replayed(first)) == (201, False)
    assert (second.status_code, is_replayed(second)) == (201, True)
    assert second.content == first.content
    assert Room.objects.count() == 1


def test_a_repeated_action_is_no_version_conflict(lin_client: Sender, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign)
    address, entries = f"interviews/{interview.pk}/confirm/", {"version": interview.version}
    first, second = lin_client.post(address, entries), lin_client.post(address, entries)
    assert (second.status_code, second.json()) == (200, first.json())
    refused(lin_client.post(address, entries, key="another-key"), 409)


def test_a_file_sent_twice_is_imported_once(
    lin_client: Sender, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path

    def send(content: bytes = PEOPLE) -> Any:
        entries = {"file": SimpleUploadedFile("people.csv", content), "campaign": "autumn"}
        return lin_client.client.post(f"{ROOT}imports/", entries, headers={HEADER: "a-key"})

    first, second = send(), send()
    assert (first.status_code, second.status_code) == (202, 202)
    assert (second.json(), is_replayed(second)) == (first.json(), True)
    assert ImportRun.objects.count() == 1
    refused(send(PEOPLE.replace(b"3333", b"4444")), 422)


def test_a_key_belongs_to_one_request(lin_client: Sender, campaign: Campaign) -> None:
    lin_client.post("rooms/", ROOM)
    assert HEADER in refused(lin_client.post("rooms/", ROOM | {"name": "B-2"}), 422)
    assert HEADER in refused(lin_client.post("candidates/", ROOM), 422)
    assert Room.objects.count() == 1


def test_the_order_of_fields_does_not_matter(lin_client: Sender) -> None:
    lin_client.post("rooms/", ROOM)
    assert is_replayed(lin_client.post("rooms/", dict(reversed(ROOM.items()))))


def test_keys_are_separate_for_each_user(lin_client: Sender, campaign: Campaign) -> None:
    li = make_person("li", "coordinator")
    CampaignMember.objects.create(campaign=campaign, user=li)
    lin_client.post("rooms/", ROOM)
    response = Sender(li).post("rooms/", ROOM | {"name": "B-2"})
    assert (response.status_code, is_replayed(response)) == (201, False)


def test_a_rejected_request_may_be_corrected_and_sent_with_the_same_key(lin_client: Sender) -> None:
    refused(lin_client.post("rooms/", {"campaign": "autumn"}), 400)
    assert lin_client.post("rooms/", ROOM).status_code == 201


def test_a_user_who_lost_access_does_not_get_the_stored_response(
    lin: User, lin_client: Sender
) -> None:
    lin_client.post("rooms/", ROOM)
    CampaignMember.objects.filter(user=lin).delete()
    refused(lin_client.post("rooms/", ROOM), 403)


def test_a_server_error_leaves_neither_effects_nor_key(
    lin_client: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_and_fail(*, room: Room) -> Room:
        room.save()
        raise OSError

    lin_client.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(services, "room_save", save_and_fail)
        assert lin_client.post("rooms/", ROOM).status_code == 500
    assert not Room.objects.exists()
    assert lin_client.post("rooms/", ROOM).status_code == 201


INVALID_KEYS = ["", " ", "x" * 256, "钥匙", "a b", "a\x7f"]


def test_an_invalid_key_is_rejected(subtests: pytest.Subtests, lin_client: Sender) -> None:
    for key in INVALID_KEYS:
        with subtests.test(key=key):
            raw = key.encode().decode("latin-1")  # as a server decodes the bytes of a header
            response = lin_client.client.post(
                f"{ROOT}rooms/", ROOM, content_type="application/json", HTTP_IDEMPOTENCY_KEY=raw
            )
            assert HEADER in refused(response)
            assert not Room.objects.exists()


def test_a_request_in_progress_is_not_executed_again(lin: User, lin_client: Sender) -> None:
    lin_client.post("rooms/", ROOM)
    IdempotencyRecord.objects.update(status=None, claimed_at=timezone.now())
    response = lin_client.post("rooms/", ROOM)
    assert HEADER in refused(response, 409)
    assert response["Retry-After"] == "1"


def test_a_request_whose_process_died_is_taken_over(lin: User, lin_client: Sender) -> None:
    lin_client.post("rooms/", ROOM)
    Room.objects.all().delete()  # its work was rolled back
    IdempotencyRecord.objects.update(status=None, claimed_at=timezone.now() - ABANDONED_AFTER * 1.1)
    response = lin_client.post("rooms/", ROOM)
    assert (response.status_code, is_replayed(response)) == (201, False)


def test_a_request_that_lost_its_claim_leaves_nothing(
    lin: User, lin_client: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = services.room_save

    def slow_save(*, room: Room) -> Room:
        IdempotencyRecord.objects.update(claimed_at=timezone.now() - ABANDONED_AFTER * 1.1)
        row = IdempotencyRecord.objects.get()
        claim_key(user=lin, key=row.key, fingerprint=row.fingerprint)
        return save(room=room)

    monkeypatch.setattr(services, "room_save", slow_save)
    refused(lin_client.post("rooms/", ROOM), 409)
    assert not Room.objects.exists()


def test_a_key_is_free_again_after_a_day(lin_client: Sender) -> None:
    lin_client.post("rooms/", ROOM)
    trim_kept_answers(timezone.now())
    assert IdempotencyRecord.objects.count() == 1
    IdempotencyRecord.objects.update(
        claimed_at=timezone.now() - KEEP_IDEMPOTENCY_RECORDS_FOR - timedelta(minutes=1)
    )
    response = lin_client.post("rooms/", ROOM | {"name": "B-2"})
    assert (response.status_code, is_replayed(response)) == (201, False)
    IdempotencyRecord.objects.update(
        claimed_at=timezone.now() - KEEP_IDEMPOTENCY_RECORDS_FOR - timedelta(minutes=1)
    )
    trim_kept_answers(timezone.now())
    assert not IdempotencyRecord.objects.exists()


def test_every_post_accepts_a_key_except_the_one_that_returns_secrets(schema: Any) -> None:
    posts = {path: item["post"] for path, item in schema["paths"].items() if "post" in item}
    without = {path for path, one in posts.items() if KEY not in one.get("parameters", [])}
    assert without == {"/api/v1/socket-tickets/"}


@pytest.mark.django_db(transaction=True)
def test_ten_concurrent_requests_with_one_key_create_one_interview() -> None:
    """Interleaving: all requests have read before the first one writes."""
    campaign = make_campaign(slug="autumn")
    lin = make_person("lin", "coordinator")
    CampaignMember.objects.create(campaign=campaign, user=lin)
    begins = timezone.now() + timedelta(days=1)
    entries = {
        "application": make_application(campaign=campaign).pk,
        "round": 1,
        "room": make_room(campaign=campaign).pk,
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=1)).isoformat(),
        "interviewers": [make_interviewer().pk],
        "override_reason": "Whatever the hour",
    }
    senders = [Sender(lin) for _ in range(10)]
    together = Barrier(len(senders), timeout=60)

    def send(sender: Sender) -> Any:
        together.wait()
        try:
            return sender.post("interviews/", entries)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(senders)) as threads:
        answers = list(threads.map(send, senders))
    assert Interview.objects.count() == 1
    assert {response.status_code for response in answers} <= {201, 409}
    assert senders[0].post("interviews/", entries).status_code == 201
    made = [response for response in answers if response.status_code == 201]
    assert [is_replayed(response) for response in made].count(False) == 1
    assert len({response.content for response in made}) == 1


def test_a_stored_response_does_not_name_an_anonymised_candidate(
    lin_client: Sender, campaign: Campaign
) -> None:
    person = {"campaign": "autumn", "name": "李小龙", "mobile": "18900003333"}
    first = lin_client.post("candidates/", person)
    assert "李小龙" in IdempotencyRecord.objects.get().body, "the premise: it is kept"
    candidates_anonymise(candidates=[first.json()["id"]], by=None)
    second = lin_client.post("candidates/", person)
    assert (second.status_code, is_replayed(second), second.content) == (201, True, b"")
    assert Candidate.objects.count() == 1
