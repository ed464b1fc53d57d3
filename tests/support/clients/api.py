"""Asking the API as a person who has signed in, or as nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import signed_in

ROOT = "/api/v1/"


@dataclass
class Api:
    """One person's view of the API; addresses are given without what they all begin with."""

    client: Client

    def get(self, address: str, **query: Any) -> Any:
        return self.client.get(ROOT + address, query)

    def post(self, address: str, entries: Any = None) -> Any:
        return self.client.post(ROOT + address, entries or {}, content_type="application/json")

    def patch(self, address: str, entries: Any) -> Any:
        return self.client.patch(ROOT + address, entries, content_type="application/json")

    def ask(self, method: str, address: str) -> Any:
        return self.client.generic(method, ROOT + address, content_type="application/json")


def api_of(person: User | None) -> Api:
    """The API as this person meets it after signing in on the login page."""
    client = Client()
    return Api(signed_in(client, person) if person else client)


def refused(answer: Any, status: int = 400) -> dict[str, list[str]]:
    """The reasons by field of a refusal, which is told in the manner of RFC 9457."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert all(problem[name] for name in ("type", "title", "detail"))
    errors: dict[str, list[str]] = problem["errors"]
    assert all(reason for reasons in errors.values() for reason in reasons)
    return errors


def state_of(*models: Any) -> list[Any]:
    """Every row of these models: what a refusal must leave as it was."""
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def queries_of(api: Api, address: str) -> int:
    """How many queries it takes to answer."""
    with CaptureQueriesContext(connection) as queries:
        assert api.get(address).status_code == 200
    return len(queries)
