"""The OpenAPI document is complete and matches what the API returns."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from interview.api.notices import NoticeRow
from interview.api.serializers import InterviewDetail, InterviewRow, RoomRow
from interview.live.rows import current_row, notice_row
from jobs.models import Campaign
from realtime.background.api import TaskRow
from realtime.background.task_rows import task_row
from realtime.background.task_runs import task_run_create
from tests.factories import make_interview, make_notice, make_room
from tests.support.clients.api import api_of


def test_the_schema_is_valid_and_generated_without_warnings(schema: Any) -> None:
    assert schema["openapi"].startswith("3.")
    assert "/api/v1/interviews/{id}/check-in/" in schema["paths"]


def test_every_operation_documents_its_errors(schema: Any) -> None:
    operations = [one for path in schema["paths"].values() for one in path.values()]
    assert operations
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.django_db
def test_the_schema_is_public() -> None:
    assert Client().get("/api/schema/").status_code == 200


def test_rows_match_the_schema(lin: User, campaign: Campaign) -> None:
    interview = make_interview(campaign=campaign)
    notice = make_notice(interview=interview, recipient=lin)
    make_room(campaign=campaign)
    api = api_of(lin)
    serializers_and_rows: list[tuple[Any, dict[str, Any]]] = [
        (InterviewRow, current_row(interview)),
        (InterviewDetail, api.get(f"interviews/{interview.pk}/").json()),
        (RoomRow, api.get("rooms/").json()["results"][0]),
        (NoticeRow, notice_row(notice)),
        (TaskRow, task_row(task_run_create(name="import", title="A file", owner=lin))),
    ]
    for serializer, row in serializers_and_rows:
        assert serializer().fields.keys() == row.keys()
