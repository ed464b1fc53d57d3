"""Uploads are scanned for malware, and limited per address and day."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from jobs.models import Campaign, ImportRun, Job, PendingApplication
from jobs.uploads import clamd, scan
from monitoring.health.checks import NotReady
from realtime.rate_limiter import Rate
from tests.factories import make_job
from tests.people import signed_in
from tests.support.external.fake_clamd import EICAR, FakeClamd, fake_clamd
from tests.support.files.documents import PDF

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
FORM = {"name": "Su Qing", "mobile": "18100007777", "email": "su@example.com", "consent": "on"}
CSV = b"name,mobile\nSu Qing,18100007777\n"
MALWARE = "This file contains malware and was refused."
NOT_CHECKED = "Files cannot be checked for malware at the moment. Try again in a few minutes."


@pytest.fixture
def scanner(settings: Settings) -> Iterator[FakeClamd]:
    with fake_clamd() as server:
        settings.CLAMD = server.address
        yield server


@pytest.fixture
def job(campaign: Campaign) -> Job:
    return make_job(campaign=campaign)


@pytest.fixture(autouse=True)
def _files(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()  # resets the rate limits


def apply(job: Job, content: bytes | None, **environment: str) -> Any:
    files = {"resume": SimpleUploadedFile("me.pdf", content)} if content else {}
    client = Client(headers=ENGLISH, **environment)
    return client.post(reverse("apply", args=[job.pk]), FORM | files)


def upload(client: Client, content: bytes) -> Any:
    return client.post(reverse("imports"), {"file": SimpleUploadedFile("people.csv", content)})


def unreachable() -> tuple[str, int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return "127.0.0.1", free.getsockname()[1]


def test_a_clean_file_is_scanned_whole_and_accepted(scanner: FakeClamd, job: Job) -> None:
    content = PDF + bytes(3 * clamd.CHUNK_BYTES)
    assert apply(job, content).status_code == 302
    assert scanner.scanned == [content]
    with PendingApplication.objects.get().resume.open("rb") as stored:
        assert stored.read() == content


def test_malware_is_refused_by_every_form_with_a_file(
    scanner: FakeClamd, job: Job, lin: User
) -> None:
    resume = apply(job, PDF + EICAR)
    assert (resume.status_code, MALWARE in resume.content.decode()) == (422, True)
    client = signed_in(Client(headers=ENGLISH), lin)
    page = upload(client, CSV + EICAR)
    assert (page.status_code, MALWARE in page.content.decode()) == (422, True)
    file = SimpleUploadedFile("people.csv", CSV + EICAR)
    answer = client.post("/api/v1/imports/", {"file": file, "dry_run": "true"})
    assert (answer.status_code, answer.json()["errors"]) == (400, {"file": [MALWARE]})
    assert len(scanner.scanned) == 3
    assert not PendingApplication.objects.exists()
    assert not ImportRun.objects.exists()


def test_an_import_is_scanned_and_then_read_from_its_beginning(
    scanner: FakeClamd, lin: User
) -> None:
    assert upload(signed_in(Client(), lin), CSV).status_code == 302
    assert (scanner.scanned, ImportRun.objects.get().new) == ([CSV], 1)


def test_files_are_refused_while_the_scanner_cannot_be_reached(
    settings: Settings, job: Job, lin: User
) -> None:
    settings.CLAMD = unreachable()
    refused = apply(job, PDF)
    assert (refused.status_code, NOT_CHECKED in refused.content.decode()) == (422, True)
    assert upload(signed_in(Client(), lin), CSV).status_code == 422
    assert apply(job, None).status_code == 302, "an application needs no file"
    with pytest.raises(NotReady):
        scan.check_scanner()


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR", b"", b"stream: Can't allocate memory ERROR"]
)
def test_a_file_without_a_clear_answer_is_refused(
    scanner: FakeClamd, job: Job, answer: bytes
) -> None:
    scanner.answer = answer
    assert NOT_CHECKED in apply(job, PDF).content.decode()
    assert scanner.scanned == [PDF]
    assert not PendingApplication.objects.exists()
    scanner.answer = None
    assert apply(job, PDF).status_code == 302


def test_the_health_check_asks_the_scanner(scanner: FakeClamd, settings: Settings) -> None:
    assert scan.check_scanner() == "responds"
    assert scanner.commands == [b"zPING"]
    for answer in (b"", b"UNKNOWN COMMAND"):
        scanner.answer = answer
        with pytest.raises(NotReady):
            scan.check_scanner()
    settings.CLAMD = None
    assert scan.check_scanner() == "none"


def test_a_scanner_on_a_unix_socket_is_asked(tmp_path: Any) -> None:
    path = str(tmp_path / "clamd.sock")
    with pytest.raises(clamd.ScannerFailed):
        clamd.scan(path, BytesIO(PDF))
    with fake_clamd(path) as scanner:
        clamd.ping(path)
        clamd.scan(path, BytesIO(PDF))
        with pytest.raises(clamd.Infected, match="Eicar-Signature"):
            clamd.scan(path, BytesIO(PDF + EICAR))
    assert scanner.scanned == [PDF, PDF + EICAR]


def test_files_are_limited_per_address_and_day(settings: Settings, job: Job, lin: User) -> None:
    settings.RATE_LIMITS = {"upload": Rate(2, 24 * 3600)}
    for _ in range(2):
        assert apply(job, PDF).status_code == 302
    refused = apply(job, PDF)
    assert (refused.status_code, int(refused["Retry-After"]) > 80_000) == (429, True)
    assert apply(job, None).status_code == 302, "without a file nothing is counted"
    assert apply(job, PDF, REMOTE_ADDR="203.0.113.7").status_code == 302, "another address"
    client = signed_in(Client(), lin)
    assert [upload(client, CSV).status_code for _ in range(3)] == [302, 302, 429]
    file = SimpleUploadedFile("people.csv", CSV)
    assert client.post("/api/v1/imports/", {"file": file}).status_code == 429
