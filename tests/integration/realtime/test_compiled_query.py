"""A compiled query returns what the queryset does, and is compiled once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONArray
from django.test.utils import CaptureQueriesContext

from interview.models import Interview, InterviewAssignment, read_records, read_records_of
from jobs.models import Campaign
from realtime.compiled_query import CompiledQuery, ids_parameter, parameter
from tests.factories import make_interview, make_interviewer

pytestmark = pytest.mark.django_db


def values(interviews: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Columns that Django converts: times, JSON, arrays of JSON."""
    people = InterviewAssignment.objects.filter(interview=OuterRef("pk")).order_by("pk")
    names = ArraySubquery(people.values_list(JSONArray("interviewer_id", "response")))
    return interviews.annotate(names=names).values_list("pk", "starts_at", JSONArray("pk"), "names")


def test_a_compiled_query_returns_the_rows_of_its_queryset_for_each_parameter(
    campaign: Campaign, wu: Any
) -> None:
    start = make_interview(campaign=campaign, interviewers=[wu]).starts_at
    make_interview(campaign=campaign, starts_at=start + timedelta(hours=1))
    query = CompiledQuery(
        lambda: values(Interview.objects.filter(starts_at__gte=parameter("since"))).order_by("pk")
    )
    for since in (start, start + timedelta(minutes=1), start + timedelta(days=1)):
        wanted = values(Interview.objects.filter(starts_at__gte=since)).order_by("pk")
        assert [tuple(row) for row in query.rows(since=since)] == list(wanted)


def test_ids_are_one_parameter_and_the_query_is_compiled_once(campaign: Campaign) -> None:
    built = []

    def build() -> QuerySet[Any, Any]:
        built.append(1)
        return Interview.objects.filter(pk__in=ids_parameter("ids")).values_list("pk")

    ids = [make_interview(campaign=campaign).pk for _ in range(3)]
    query = CompiledQuery(build)
    for some in ([], ids[:1], ids):
        assert {pk for (pk,) in query.rows(ids=some)} == set(some)
    assert built == [1]


def test_records_by_id_are_those_of_the_queryset(campaign: Campaign, wu: Any) -> None:
    people = [make_interviewer(), wu]
    made = [
        make_interview(campaign=campaign, interviewers=[*people], status=status)
        for status in ("scheduled", "completed", "cancelled")
    ]
    ids = [interview.pk for interview in made]
    for briefing in (False, True):
        with CaptureQueriesContext(connection) as queries:
            wanted = read_records(Interview.objects.filter(pk__in=ids), with_briefing=briefing)
        assert len(queries) == (4 if briefing else 3), "whatever the number of interviews"
        assert read_records_of(ids, with_briefing=briefing) == wanted
    assert [len(record.assignments) for record in wanted] == [2, 2, 2]
    assert sorted(len(record.scorecards) for record in wanted) == [0, 0, 2]
    assert all(record.briefing and record.briefing.criteria for record in wanted)
    with CaptureQueriesContext(connection) as queries:
        assert read_records_of([]) == []
    assert len(queries) == 0
