"""Bulk stage changes of applications: only unchanged versions, in a constant number of queries."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.applications.bulk_stage_change import applications_move
from jobs.models import Application
from tests.factories import make_application, make_job
from tests.support.clients.api import state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def applications(campaign):
    job = make_job(campaign=campaign)
    return [make_application(job=job) for _ in range(4)]


def move(applications, to: str = "offer", **options):
    versions = {one.pk: one.version for one in applications}
    return applications_move(versions=versions, to=to, by=None, **options)


def test_each_application_of_a_bulk_change_is_handled_on_its_own(applications):
    stale, unchanged, closed, open_one = applications
    Application.objects.filter(pk=stale.pk).update(version=7)
    Application.objects.filter(pk=unchanged.pk).update(stage="offer")
    Application.objects.filter(pk=closed.pk).update(stage="rejected")
    moves = applications_move(
        versions={one.pk: one.version for one in applications} | {10**9: 1}, to="offer", by=None
    )
    assert (moves.changed, moves.there, moves.closed, moves.moved, moves.gone) == (
        [stale.pk], [unchanged.pk], [closed.pk], [open_one.pk], [10**9],
    )  # fmt: skip
    assert open_one.events.last().to_stage == "offer"
    assert moves.not_moved == sorted([stale.pk, closed.pk, 10**9])


def test_closed_applications_are_reopened_if_a_reason_is_given(applications):
    Application.objects.update(stage="rejected")
    assert len(move(applications, reason="A place came free").moved) == 4
    assert applications[0].events.last().reason == "A place came free"


@pytest.mark.parametrize(
    ("options", "field"), [({"to": "limbo"}, "stage"), ({"reason": "x" * 301}, "reason")]
)
def test_an_invalid_bulk_change_moves_no_application(applications, options, field):
    before = state_of(Application)
    with pytest.raises(ValidationError) as refused:
        move(applications, **options)
    assert set(refused.value.message_dict) == {field}
    assert state_of(Application) == before


def test_repeating_a_bulk_change_changes_nothing(applications):
    move(applications)
    before = state_of(Application)
    assert len(move(applications).there) == 4
    assert state_of(Application) == before


def test_a_bulk_change_of_several_needs_as_many_queries_as_one(applications):
    def query_count(chosen) -> int:
        with CaptureQueriesContext(connection) as captured:
            move(chosen)
        return len(captured)

    assert query_count(applications[:1]) == query_count(applications[1:])
