"""A connection that PostgreSQL ends within a request, and errors that are no outage."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from project.database.outage import is_outage
from project.urls import urlpatterns as pages

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def lose(request: HttpRequest) -> HttpResponse:
    execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("never")


urlpatterns = [path("lose/", lose), path("api/v1/lose/", lose), *pages]


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("address", ["/lose/", "/api/v1/lose/"])
def test_a_lost_connection_is_answered_with_503_and_the_next_request_works(
    client: Client, settings: Settings, address: str, *, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = client.get(address)
    connection.close()  # as at the end of a request; Django's test client leaves it open
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("http-equiv" in answer.content.decode()) == ("api" not in address)
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/").status_code == 302


def test_a_failed_statement_is_no_outage() -> None:
    with pytest.raises(DatabaseError) as cancelled:
        execute("SET statement_timeout = 1; SELECT pg_sleep(1)")
    connection.close()
    assert not is_outage(cancelled.value)
    with pytest.raises(DatabaseError) as terminated:
        execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    assert is_outage(terminated.value)
