"""Numbering begins with new epochs where the database has gone back to an earlier state."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from realtime.log import changes
from realtime.log.reader import head_of
from realtime.models import NumberedDatabase
from realtime.relay.epochs import IDENTITY, record_database
from realtime.relay.numbering import assign_positions
from realtime.session_connection import connection_parameters

TOPIC = "tasks"


def change_and_number(key: str = "task:a") -> None:
    changes.record([(TOPIC, key)])
    assign_positions()


@pytest.mark.django_db
def test_the_first_numbering_keeps_the_epochs_that_browsers_already_have() -> None:
    """An update from a version that did not record its database must not disconnect anyone."""
    epoch = head_of(TOPIC).epoch
    for _start_of_a_relay in range(2):
        record_database()
        change_and_number()
        assert head_of(TOPIC).epoch == epoch
    assert NumberedDatabase.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("part", "other"),
    [(0, "7000000000000000000"), (1, "0000002A"), (2, "99999"), (3, "99998")],
    ids=["another server", "another timeline", "another database", "restored tables"],
)
def test_every_topic_gets_a_new_epoch_before_the_first_change_elsewhere(
    part: int, other: str
) -> None:
    record_database()
    change_and_number()
    quiet, epoch = head_of("tasks.1"), head_of(TOPIC).epoch
    recorded = NumberedDatabase.objects.get()
    parts = recorded.identity.split(".")
    assert len(parts) == 4, "the premise"
    recorded.identity = ".".join([*parts[:part], other, *parts[part + 1 :]])
    recorded.save()
    changes.record([(TOPIC, "task:b")])
    [numbered] = assign_positions()
    assert numbered.epoch == head_of(TOPIC).epoch != epoch
    assert head_of("tasks.1").epoch != quiet.epoch, "a topic without changes too"
    assert numbered.first == 2, "positions go on"
    changed = head_of(TOPIC).epoch
    change_and_number("task:c")
    assert head_of(TOPIC).epoch == changed, "once"


@pytest.mark.django_db
def test_numbering_asks_which_database_it_is_in_its_one_query() -> None:
    record_database()
    changes.record([(TOPIC, "task:a"), ("tasks.1", "task:a")])
    with CaptureQueriesContext(connection) as queries:
        assert len(assign_positions()) == 2
    assert len(queries) == 1
    assert "pg_control_system" in str(queries.captured_queries)


@pytest.mark.django_db(transaction=True)
def test_the_identity_can_be_read_without_being_a_superuser() -> None:
    with psycopg.connect(**connection_parameters()) as session:
        session.execute("CREATE ROLE plain LOGIN")
        session.execute("GRANT SELECT ON realtime_topichead, realtime_numbereddatabase TO plain")
        session.execute("SET LOCAL ROLE plain")
        found = session.execute(f"SELECT {IDENTITY}").fetchone()
        session.rollback()
    assert found is not None
    assert found[0].count(".") == 3
