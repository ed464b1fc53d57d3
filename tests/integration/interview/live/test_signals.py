"""New rows that no list shows yet cost no marker and no query of the live lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from interview.models import RoundTemplate
from realtime.models import Change
from tests.factories import make_campaign, make_candidate, make_job

pytestmark = pytest.mark.django_db

MAKERS = {
    "candidate": make_candidate,
    "person": lambda: User.objects.create(username="ada", first_name="Ada"),
    "job": lambda: make_job(campaign=make_campaign()),
    "round": lambda: RoundTemplate.objects.create(number=9, name="Tea", duration_minutes=10),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_new_row_that_no_interview_refers_to_is_not_looked_up(make: Callable[[], Model]) -> None:
    """test_snapshot_equals_replay.py shows that a changed one is."""
    with CaptureQueriesContext(connection) as asked:
        make()
    statements = [query["sql"] for query in asked.captured_queries]
    assert [one for one in statements if 'FROM "interview_interview"' in one] == []
    assert not Change.objects.exists()
