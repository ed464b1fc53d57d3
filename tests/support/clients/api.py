"""An API client for a person who has signed in, or for an anonymous caller."""

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
    """Calls the API as one person; addresses leave out the common prefix `/api/v1/`."""

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
    """Returns an API client, signed in through the login page unless `person` is None."""
    client = Client()
    return Api(signed_in(client, person) if person else client)


def refused(answer: Any, status: int = 400) -> dict[str, list[str]]:
    """Asserts an RFC 9457 problem response with this status; returns its messages by field."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert all(problem[name] for name in ("type", "title", "detail"))
    errors: dict[str, list[str]] = problem["errors"]
    assert all(reason for reasons in errors.values() for reason in reasons)
    return errors


def state_of(*models: Any) -> list[Any]:
    """Returns every row of these models, to check that a refused call changes nothing."""
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def queries_of(api: Api, address: str) -> int:
    """Returns how many database queries this GET takes."""
    with CaptureQueriesContext(connection) as queries:
        assert api.get(address).status_code == 200
    return len(queries)
