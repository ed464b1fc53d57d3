"""Sends the API what its OpenAPI document allows, and what it does not, inside this process."""

from __future__ import annotations

import copy
from functools import cache
from io import BytesIO
from typing import Any

import requests
from django.contrib.auth.models import User
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from jobs.imports import runs
from jobs.models import Campaign
from realtime.background.task_runs import task_run_create
from tests.factories import make_application, make_interview, make_notice, make_scorecard

ADDRESS = "http://testserver"
REMOVED_HEADERS = ("cookie", "authorization")  # the test client authenticates instead
UNKNOWN_ID = 999_999
FILE = "姓名,手机\n李小龙,18900003333\n坏人,12\n".encode()

Known = dict[str, list[Any]]


def fill_campaign(campaign: Campaign, lin: User, wu: User) -> Known:
    """Creates one of everything in a campaign; returns the ids by their names in the document."""
    early = make_interview(campaign=campaign, interviewers=[wu])
    done = make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    here = make_interview(campaign=campaign, interviewers=[wu], status="arrived")
    make_scorecard(interview=done, interviewer=wu)
    application = make_application(campaign=campaign)
    for recipient in (lin, wu):
        make_notice(interview=early, recipient=recipient)
    task = task_run_create(name="import", title="A file", owner=lin)
    imported = runs.import_run_create(content=FILE, file_name="a.csv", campaign=campaign, owner=lin)
    return {
        "campaign": [campaign.slug],
        "interview": [early.pk, done.pk, here.pk],
        "application": [application.pk, early.application_id],
        "candidate": [application.candidate_id],
        "job": [application.job_id],
        "room": [early.room_id],
        "interviewer": [wu.pk],
        "interviewers": [wu.pk],
        "task": [str(task.pk)],
        "import": [str(imported.pk)],
        "version": [1, 2, 3, 4],
    }


def document(known: Known) -> dict[str, Any]:
    """Returns the OpenAPI document with existing ids as hints; random ids would never exist."""
    found = copy.deepcopy(_generated())
    for path, item in found["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                _hint_parameter(path, parameter, known)
    for name, component in found["components"]["schemas"].items():
        if name.endswith("Request"):
            _hint_fields(component.get("properties", {}), known)
    return found


@cache
def _generated() -> dict[str, Any]:
    """Generates the document, which takes half a second, once per process."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    generated: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def _hint_parameter(path: str, parameter: dict[str, Any], known: Known) -> None:
    name = parameter["name"]
    if name in ("id", "slug"):
        name = path.split("/")[3].removesuffix("s")
    if name not in known:
        return
    kind = str if parameter["schema"].get("type") == "string" else int
    values = [kind(value) for value in [*known[name], UNKNOWN_ID]]
    is_in_path = parameter["in"] == "path"
    parameter["schema"] = {"enum": values} if is_in_path else hinted(parameter["schema"], values)


def _hint_fields(fields: dict[str, Any], known: Known) -> None:
    for name in fields.keys() & known.keys():
        if fields[name].get("type") == "array":
            fields[name]["items"] = hinted(fields[name]["items"], known[name])
        else:
            fields[name] = hinted(fields[name], known[name])


def hinted(described: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    return {"anyOf": [{"enum": values}, described]}


class DjangoAdapter(HTTPAdapter):
    """Passes requests to the product through a signed-in Django test client."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        headers = {
            name: value.decode("latin-1") if isinstance(value, bytes) else value
            for name, value in request.headers.items()
            if name.lower() not in REMOVED_HEADERS
        }
        kind, body = headers.pop("Content-Type", ""), request.body or b""
        asked = (request.method, request.path_url, body, kind)
        answer: Any = self._client.generic(*asked, headers=headers)
        raw = HTTPResponse(
            body=BytesIO(answer.getvalue()),
            headers=dict(answer.headers),
            status=answer.status_code,
            preload_content=False,
        )
        return self.build_response(request, raw)


def session_of(client: Client) -> requests.Session:
    session = requests.Session()
    session.mount(ADDRESS, DjangoAdapter(client))
    return session
