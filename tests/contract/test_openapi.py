"""Every response of the API, to every user and request, conforms to its OpenAPI document."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from jobs.models import Campaign
from tests.people import signed_in
from tests.support.contracts.openapi import ADDRESS, Known, document, fill_campaign, session_of

CHECKS = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Another number of examples; a longer search draws new ones on each run.
EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "0"))
IS_LONG = EXAMPLES >= 10
FEW = 2
PEOPLE = ("lin", "wu", "chen", "sun", "admin")
PARTS = 4  # so that several processes share the work


@pytest.fixture
def sessions(request: Any) -> dict[str, requests.Session]:
    """One client per role, and one that is not signed in."""
    sessions = {"nobody": session_of(Client(raise_request_exception=False))}
    for name in PEOPLE:
        client = Client(raise_request_exception=False)
        sessions[name] = session_of(signed_in(client, request.getfixturevalue(name)))
    return sessions


@pytest.fixture
def known(settings: Any, tmp_path: Path, campaign: Campaign, lin: User, wu: User) -> Known:
    settings.MEDIA_ROOT = tmp_path
    return fill_campaign(campaign, lin, wu)


def send(case: Any, session: requests.Session) -> None:
    """Send a request, validate the response, and roll back all changes."""
    cache.clear()  # resets the rate limits
    with transaction.atomic():
        response = case.call(base_url=ADDRESS, session=session)
        transaction.set_rollback(True)
    case.validate_response(response, checks=CHECKS)
    documented = case.operation.definition.raw["responses"]
    assert response.status_code >= 400 or str(response.status_code) in documented, (
        response.status_code
    )


def problems_of(
    operation: Any, mode: GenerationMode, sessions: dict[str, requests.Session]
) -> Iterator[str]:
    names = ["nobody"]

    @hypothesis(
        max_examples=EXAMPLES or FEW,
        derandomize=not IS_LONG,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def every(case: Any) -> None:
        for name, session in sessions.items():
            names.append(name)
            send(case, session)

    try:
        every()
    except Unsatisfiable:
        return  # nothing about it can be wrong
    except Exception as problem:
        yield f"{names[-1]}: {operation.method.upper()} {operation.path}, {mode}: {problem!s:.2000}"


@pytest.mark.parametrize("part", range(PARTS))
def test_every_response_conforms_to_the_document(
    part: int, known: Known, sessions: dict[str, requests.Session]
) -> None:
    """Valid and invalid requests, each sent by every role."""
    schema = schemathesis.openapi.from_dict(document(known))
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 60
    problems = [
        problem
        for operation in operations[part::PARTS]
        for mode in GenerationMode
        for problem in problems_of(operation, mode, sessions)
    ]
    assert not problems, "\n\n".join(problems)
