"""`/sentry-debug/`: only for superusers, and clear about whether reporting is on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from monitoring.sentry import reporting
from monitoring.sentry.debug_view import DebugError
from tests.people import signed_in
from tests.support.external.sentry_receiver import SentryReceiver, error_of, sentry_client_restored

PAGE = "/sentry-debug/"


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def receiver() -> Iterator[SentryReceiver]:
    """Turns error reporting on for the test."""
    with SentryReceiver() as receiver, sentry_client_restored():
        reporting.start(dsn=receiver.dsn, release="r", environment="e", pages_sampled=0)
        yield receiver


def test_a_superuser_raises_the_error_only_with_the_button(
    client: Client, admin: User, receiver: SentryReceiver
) -> None:
    signed_in(client, admin)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Raise an error" in page.content.decode()
    assert receiver.is_silent()
    with pytest.raises(DebugError):
        client.post(PAGE)
    assert receiver.wait_for(error_of("DebugError"))["user"] == {"id": str(admin.pk)}


def test_other_users_may_not_raise_the_error(
    client: Client, chen: User, lin: User, receiver: SentryReceiver
) -> None:
    for method in (client.get, client.post):
        response = method(PAGE)
        assert (response.status_code, response.headers["Location"]) == (
            302,
            f"/accounts/login/?next={PAGE}",
        )
    for person in (chen, lin):
        signed_in(client, person)
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE).status_code == 403
    assert receiver.is_silent()


def test_without_a_dsn_the_page_says_so_and_raises_nothing(client: Client, admin: User) -> None:
    signed_in(client, admin)
    for response in (client.get(PAGE), client.post(PAGE)):
        assert response.status_code == 200
        assert "SENTRY_DSN is not set" in response.content.decode()
        assert "Raise an error" not in response.content.decode()
