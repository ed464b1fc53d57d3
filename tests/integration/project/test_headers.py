"""Security headers of every response."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import AsyncClient, Client
from django.urls import reverse

from tests.people import PASSWORD, signed_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
TOLD = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def policy_of(response: HttpResponse) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split(";")
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in parts)}


def check(response: HttpResponse) -> None:
    assert policy_of(response) == POLICY
    assert {name: response.headers.get(name) for name in TOLD} == TOLD
    refused = response.headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(refused)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/joblist/", 200),
        ("/accounts/login/", 200),
        ("/", 302),
        ("/board/", 302),
        ("/nowhere/", 404),
        ("/api/v1/interviews/", 401),
        ("/healthz", 200),
        ("/metrics", 200),
        ("/static/project/base.css", 200),
        ("/admin/login/", 200),
        ("/calendar/nobodys.ics", 404),
    ],
)
def test_every_response_has_the_security_headers(client: Client, path: str, status: int) -> None:
    response = client.get(path)
    response.close()  # a file, for one
    assert response.status_code == status
    check(response)


def test_other_sites_cannot_load_our_static_files(client: Client) -> None:
    response = client.get("/static/project/base.css")
    response.close()
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_asynchronous_responses_have_the_security_headers(async_client: AsyncClient) -> None:
    check(await async_client.get("/healthz"))


def test_csrf_failures_have_the_security_headers(sun: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("login"), {"username": "sun", "password": PASSWORD})
    assert response.status_code == 403
    check(response)


@pytest.mark.parametrize("path", ["/api/v1/interviews/", "/api/nowhere/", "/api/v1/campaigns/"])
def test_an_api_response_opened_as_a_page_is_saved_and_not_shown(
    client: Client, lin: User, path: str
) -> None:
    anonymous = client.get(path)
    response = signed_in(client, lin).get(path)
    for answer in (anonymous, response):
        assert answer.headers["Content-Disposition"] == 'attachment; filename="api.json"'
    assert "Content-Disposition" not in client.get("/candidates/").headers
    script = client.get(path, headers={"Sec-Fetch-Dest": "empty"})
    assert "Content-Disposition" not in script.headers, "the document of the API shows it"


def test_hsts_and_the_https_redirect_follow_the_settings(client: Client, settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    fresh = Client(headers={"X-Forwarded-Proto": "https"})
    assert fresh.get("/joblist/").headers["Strict-Transport-Security"] == "max-age=31536000"
    plain = Client().get("/joblist/")
    assert (plain.status_code, plain.headers["Location"][:8]) == (301, "https://")
    assert Client().get("/healthz").status_code == 200, "probes do not pass the proxy"


def test_cookies_are_http_only_and_same_site(client: Client, sun: User) -> None:
    signed_in(client, sun)
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    client.post(reverse("set_language"), {"language": "en"})
    assert (client.cookies["django_language"]["httponly"]) is True
    assert client.cookies["django_language"]["samesite"] == "Lax"


@pytest.mark.parametrize(
    "path", ["/board/", "/candidates/", "/privacy/", "/joblist/", "/me/settings/", "/admin/"]
)
def test_no_page_of_a_signed_in_user_is_stored(client: Client, lin: User, path: str) -> None:
    """A proxy, or the disk of a shared computer, could show it to somebody else."""
    response = signed_in(client, lin).get(path, follow=True)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_no_answer_of_the_api_is_stored(client: Client, lin: User) -> None:
    for response in (client.get("/api/v1/candidates/"), client.get("/my-application/x.y/")):
        assert "no-store" in response["Cache-Control"], "also without a session: a token opens them"
    listed = signed_in(client, lin).get("/api/v1/candidates/")
    assert (listed.status_code, "no-store" in listed["Cache-Control"]) == (200, True)


def test_the_answer_that_signs_in_is_not_stored(client: Client, lin: User) -> None:
    response = client.post("/accounts/login/", {"username": "lin", "password": PASSWORD})
    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"]


def test_public_pages_and_static_files_may_be_stored(client: Client, lin: User) -> None:
    assert "no-store" not in client.get("/joblist/").headers.get("Cache-Control", "")
    file = signed_in(client, lin).get("/static/project/base.css")
    file.close()
    assert "no-store" not in file["Cache-Control"]
