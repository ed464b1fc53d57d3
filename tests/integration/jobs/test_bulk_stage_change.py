"""Bulk stage changes: only versions that were seen, in a constant number of queries."""

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


def move(applications, to: str = "offer", **said):
    versions = {one.pk: one.version for one in applications}
    return applications_move(versions=versions, to=to, by=None, **said)


def test_each_is_judged_by_itself(applications):
    changed, there, closed, plain = applications
    Application.objects.filter(pk=changed.pk).update(version=7)
    Application.objects.filter(pk=there.pk).update(stage="offer")
    Application.objects.filter(pk=closed.pk).update(stage="rejected")
    moves = applications_move(
        versions={one.pk: one.version for one in applications} | {10**9: 1}, to="offer", by=None
    )
    assert (moves.changed, moves.there, moves.closed, moves.moved, moves.gone) == (
        [changed.pk], [there.pk], [closed.pk], [plain.pk], [10**9],
    )  # fmt: skip
    assert plain.events.last().to_stage == "offer"
    assert moves.not_moved == sorted([changed.pk, closed.pk, 10**9])


def test_a_closed_one_is_opened_with_a_reason(applications):
    Application.objects.update(stage="rejected")
    assert len(move(applications, reason="A place came free").moved) == 4
    assert applications[0].events.last().reason == "A place came free"


@pytest.mark.parametrize(
    ("said", "field"), [({"to": "limbo"}, "stage"), ({"reason": "x" * 301}, "reason")]
)
def test_a_wrong_order_moves_nobody(applications, said, field):
    before = state_of(Application)
    with pytest.raises(ValidationError) as refused:
        move(applications, **said)
    assert set(refused.value.message_dict) == {field}
    assert state_of(Application) == before


def test_doing_it_again_changes_nothing(applications):
    move(applications)
    before = state_of(Application)
    assert len(move(applications).there) == 4
    assert state_of(Application) == before


def test_four_cost_as_much_as_one(applications):
    def cost(chosen) -> int:
        with CaptureQueriesContext(connection) as captured:
            move(chosen)
        return len(captured)

    assert cost(applications[:1]) == cost(applications[1:])
