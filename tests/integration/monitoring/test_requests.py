"""Every request leaves timing headers, metrics, log lines and audit entries."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from prometheus_client import REGISTRY
from pytest_django import Settings

from jobs.models import Campaign
from monitoring.audit.models import AuditEntry
from project.urls import urlpatterns as pages
from tests.factories import make_candidate, make_job
from tests.people import signed_in
from tests.support.product.log_lines import CapturedLog, logging_to

pytestmark = pytest.mark.django_db


def failing(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


async def waiting(request: HttpRequest) -> HttpResponse:
    return HttpResponse("at last")


async def streaming(request: HttpRequest) -> StreamingHttpResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"piece"

    return StreamingHttpResponse(pieces())


urlpatterns = [
    path("test/failing/", failing, name="failing"),
    path("test/forbidden/", forbidden, name="forbidden"),
    path("test/waiting/", waiting, name="waiting"),
    path("test/streaming/", streaming, name="streaming"),
    *pages,
]
ANSWERS = [
    ("/test/failing/", 500, "failing"),
    ("/test/forbidden/", 403, "forbidden"),
    ("/test/waiting/", 200, "waiting"),
    ("/test/streaming/", 200, "streaming"),
    ("/nowhere/", 404, "none"),
    ("/job/0/", 404, "job"),
    ("/joblist/", 200, "job_list"),
    ("/board", 301, "none"),
    ("/api/v1/candidates/", 401, "candidate-list"),
    ("/me/", 302, "me"),
]


@pytest.fixture(autouse=True)
def _addresses(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def log(tmp_path: Path) -> Iterator[CapturedLog]:
    with logging_to(tmp_path, "json") as log:
        yield log


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def assert_traced(response: Any) -> None:
    assert response["X-Page-Duration-ms"] in {"1000", "2000", "3000"}
    assert response["Server-Timing"] == f"page;dur={response['X-Page-Duration-ms']}"
    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-ID"])


@pytest.mark.parametrize(("address", "status", "view"), ANSWERS)
def test_every_response_is_timed_and_counted_by_url_name(
    client: Client, address: str, status: int, view: str
) -> None:
    client.raise_request_exception = False
    labels = {"view": view, "method": "GET"}
    before = counted("recruit_http_requests_total", **labels, status=str(status))
    timed = counted("recruit_http_request_seconds_count", **labels)
    response = client.get(address)
    assert response.status_code == status
    assert_traced(response)
    assert counted("recruit_http_requests_total", **labels, status=str(status)) == before + 1
    assert counted("recruit_http_request_seconds_count", **labels) == timed + 1
    assert counted("recruit_http_requests_in_progress") == 0


def test_a_file_response_is_timed_and_counted(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "one.css").write_text("p {}")
    settings.STATIC_ROOT = str(tmp_path)
    before = counted("recruit_http_requests_total", view="none", method="GET", status="200")
    file = client.get("/static/one.css")
    assert b"".join(file) == b"p {}"
    assert_traced(file)
    after = counted("recruit_http_requests_total", view="none", method="GET", status="200")
    assert after == before + 1


@pytest.mark.parametrize(("address", "status"), [(one[0], one[1]) for one in ANSWERS[:5]])
async def test_a_response_of_an_asynchronous_server_is_timed_and_counted(
    async_client: AsyncClient, address: str, status: int
) -> None:
    async_client.raise_request_exception = False
    response = await async_client.get(address)
    assert response.status_code == status
    assert_traced(response)


def test_an_unknown_method_creates_no_series(client: Client) -> None:
    client.generic("BREW", "/healthz")
    assert counted("recruit_http_requests_total", view="healthz", method="OTHER", status="405") > 0
    assert counted("recruit_http_requests_total", view="healthz", method="BREW", status="405") == 0


def test_a_page_reports_the_number_and_duration_of_its_queries_to_staff(
    client: Client, lin: User, sun: User
) -> None:
    assert "db" not in client.get("/joblist/")["Server-Timing"]
    assert "db" not in signed_in(Client(), sun).get("/me/")["Server-Timing"]
    timing = signed_in(client, lin).get("/candidates/")["Server-Timing"]
    found = re.search(r'db;dur=(\d+\.\d);desc="(\d+) queries"', timing)
    assert found
    assert int(found[2]) > 3


def test_response_log_lines_and_audit_share_one_request_id(
    client: Client, lin: User, campaign: Campaign, log: CapturedLog
) -> None:
    signed_in(client, lin)
    candidate, job = make_candidate(campaign=campaign), make_job(campaign=campaign)
    response = client.post(
        "/api/v1/applications/",
        {"candidate": candidate.pk, "job": job.pk},
        content_type="application/json",
        headers={"X-Request-ID": "from-the-proxy-0001"},
    )
    assert (response.status_code, response["X-Request-ID"]) == (201, "from-the-proxy-0001")
    entry = AuditEntry.objects.get(label="jobs.application")
    assert entry.request_id == "from-the-proxy-0001"
    client.raise_request_exception = False
    missing = client.get("/nowhere/")
    failed = signed_in(client, lin).get("/test/failing/")
    by_request = {line["request_id"]: line for line in log.lines()}
    assert by_request[missing["X-Request-ID"]]["message"] == "Not Found: /nowhere/"
    assert by_request[failed["X-Request-ID"]]["level"] == "ERROR"
    assert "RuntimeError" in by_request[failed["X-Request-ID"]]["exc_info"]


def test_a_log_line_of_a_page_contains_the_user_id(
    client: Client, lin: User, log: CapturedLog
) -> None:
    client.raise_request_exception = False
    signed_in(client, lin).get("/candidates/")
    client.get("/api/v1/candidates/0/")
    [line] = [line for line in log.lines() if line["message"].startswith("Not Found")]
    assert line["user_id"] == lin.pk


def test_a_refused_request_is_logged_with_the_person_and_the_reason(
    client: Client, wu: User, log: CapturedLog
) -> None:
    signed_in(client, wu)
    client.raise_request_exception = False
    refused = {
        403: client.get("/ops/"),
        404: client.get("/api/v1/interviews/0/"),
        415: client.post("/api/v1/notices/read/", "a=1", content_type="text/plain"),
    }
    by_request = {line["request_id"]: line for line in log.lines()}
    for status, response in refused.items():
        line = by_request[response["X-Request-ID"]]
        assert response.status_code == line["status_code"] == status
        assert line["user_id"] == wu.pk
        assert line["level"] == "WARNING"


def test_a_slow_request_is_logged_in_the_performance_log(
    client: Client, log: CapturedLog, settings: Settings
) -> None:
    settings.SLOW_REQUEST_SECONDS = 60
    assert client.get("/healthz").status_code == 200
    assert not log.texts().get("performance.log")
    before = counted("recruit_http_slow_requests_total", view="healthz")
    settings.SLOW_REQUEST_SECONDS = 0
    response = client.get("/healthz")
    [line] = log.lines("performance.log")
    assert line["action"] == "slow_request"
    assert (line["view"], line["method"], line["status"]) == ("healthz", "GET", 200)
    assert line["request_id"] == response["X-Request-ID"]
    assert counted("recruit_http_slow_requests_total", view="healthz") == before + 1
