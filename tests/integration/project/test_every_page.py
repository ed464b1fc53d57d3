"""Every page of the site and of the admin, for each kind of person: its status, its security
headers, and nothing that the content policy forbids.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from tests.people import signed_in
from tests.support.contracts.content_policy import violations_of_content_policy
from tests.support.product.pages import NO_PAGES, PAGES, ExampleObjects, names_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

LOGIN = "/accounts/login/"
SECURITY_HEADERS = (
    *("content-security-policy", "permissions-policy", "referrer-policy", "x-frame-options"),
    *("x-content-type-options", "cross-origin-opener-policy", "cross-origin-resource-policy"),
)
NOT_A_SUPERUSERS = {"scorecard", "scorecard_amend"}  # only for the interview's interviewers


def test_every_url_is_either_a_page_or_listed_as_no_page() -> None:
    known = set(names_of(get_resolver().url_patterns))
    assert known - set(PAGES) - NO_PAGES - {"admin_login"} == set()
    assert set(PAGES) | NO_PAGES <= known


@pytest.mark.parametrize(
    "markup",
    [
        *("<script>alert(1)</script>", "<style>p {}</style>", '<p style="color: red">'),
        *('<p onclick="go()">', '<a href="javascript:go()">', '<script src="//evil.example/a.js">'),
        *('<img src="https://evil.example/a.png">', '<form action="https://evil.example/">'),
    ],
)
def test_markup_that_the_content_policy_forbids_is_found(markup: str) -> None:
    assert violations_of_content_policy(markup)


@pytest.mark.parametrize("name", ["lin", "wu", "chen", "sun", "admin", None])
def test_every_page_keeps_the_content_policy_for_every_person(
    client: Client,
    example_objects: ExampleObjects,
    name: str | None,
    request: pytest.FixtureRequest,
) -> None:
    if name:
        signed_in(client, request.getfixturevalue(name))
    shown = set()
    for page in PAGES:
        response = client.get(example_objects.address(page), follow=True)
        assert response.status_code in {200, 403, 404}, page
        assert complaints(response) == [], page
        is_asked_to_sign_in = page != "login" and response.request["PATH_INFO"] == LOGIN
        if response.status_code == 200 and not is_asked_to_sign_in:
            shown.add(page)
    assert {page for page, theirs in PAGES.items() if theirs in (name, None)} <= shown
    if name == "admin":
        assert shown == set(PAGES) - NOT_A_SUPERUSERS


@pytest.mark.parametrize("name", ["lin", "wu", "chen", "admin"])
def test_every_admin_page_keeps_the_content_policy(
    client: Client, example_objects: ExampleObjects, name: str, request: pytest.FixtureRequest
) -> None:
    signed_in(client, request.getfixturevalue(name))
    statuses = set()
    for address in (reverse("admin:index"), *admin_pages()):
        response = client.get(address)
        statuses.add(response.status_code)
        assert complaints(response) == [], address
    assert 200 in statuses
    assert statuses <= {200, 302, 403}, "302: an object that is not theirs does not exist"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "BREW"])
def test_a_method_that_no_page_uses_is_refused(
    client: Client,
    example_objects: ExampleObjects,
    method: str,
    request: pytest.FixtureRequest,
) -> None:
    signed_in(client, request.getfixturevalue("admin"))
    api = ("/api/v1/interviews/", "/api/v1/tokens/", "/api/schema/", "/metrics", "/readyz")
    addresses = [*map(example_objects.address, PAGES), *api]
    answers = {path: client.generic(method, path).status_code for path in addresses}
    assert {path: code for path, code in answers.items() if code < 300} == {}
    assert list(answers.values()).count(405) > len(answers) / 2


def complaints(response: HttpResponse) -> list[str]:
    missing = [name for name in SECURITY_HEADERS if name not in response.headers]
    if (
        response["Content-Type"].startswith("text/")
        and "charset=utf-8" not in response["Content-Type"]
    ):
        missing.append("charset")
    return missing + violations_of_content_policy(response.content.decode())


def admin_pages() -> Iterator[str]:
    """Yields the list page of each model, and the form of one object or of a new one."""
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        one = model._default_manager.first()
        yield reverse(f"{base}_changelist")
        yield reverse(f"{base}_change", args=[one.pk]) if one else reverse(f"{base}_add")
