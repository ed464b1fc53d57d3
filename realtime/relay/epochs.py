"""Replaces the epochs of all topics when the database continues from an earlier state.

After a restore, or a failover to a replica that had not received the last changes, positions are
given a second time, to other changes. A browser that slept through it would resume in a history
that it has never seen. So the database records where it was numbered last, and numbering anywhere
else begins with new epochs.
"""

from __future__ import annotations

import logging

from django.db import connection, transaction

from realtime.models import NumberedDatabase

logger = logging.getLogger(__name__)

# Differs after a promotion or a recovery to a point in time (timeline), on a server that was
# created anew (system identifier), in a database that was created anew (oid), and after a dump was
# restored over the tables (file node).
IDENTITY = """concat_ws(
    '.',
    (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    pg_relation_filenode('realtime_topichead')
)"""
RECORDED = "(SELECT identity FROM realtime_numbereddatabase WHERE id = 1)"
IS_SAME_DATABASE = f"(SELECT coalesce({IDENTITY} = {RECORDED}, true))"
# Locks the heads in the order of their names, as numbering does, to prevent deadlocks.
RENEW = """
    UPDATE realtime_topichead SET epoch = replace(gen_random_uuid()::text, '-', '')
    WHERE topic IN (SELECT topic FROM realtime_topichead ORDER BY topic FOR UPDATE)
"""


@transaction.atomic
def renew_epochs_of_another_database() -> bool:
    """Replace all epochs if this database was last numbered elsewhere. Returns whether it was.

    Costs one query otherwise. Until it has been called, `numbering` numbers nothing there.
    """
    identity, recorded = _identity_and_record()
    if recorded in (identity, None):
        return False
    if NumberedDatabase.objects.select_for_update().get(pk=1).identity == identity:
        return False  # another relay has just replaced them
    renew_epochs()
    NumberedDatabase.objects.filter(pk=1).update(identity=identity)
    logger.warning(
        "The database was restored or has failed over: all boards take a new snapshot",
        extra={"action": "epochs_renewed"},
    )
    return True


def record_database() -> None:
    """Record this database as the numbered one, unless one is recorded.

    A relay calls it before it numbers. In the transaction that numbers, the first of two relays
    would block the other.
    """
    identity, recorded = _identity_and_record()
    if recorded is None:
        first = NumberedDatabase(pk=1, identity=identity)
        NumberedDatabase.objects.bulk_create([first], ignore_conflicts=True)


def renew_epochs() -> int:
    """Give every topic a new epoch, so that no client resumes. Returns the number of topics."""
    with connection.cursor() as cursor:
        cursor.execute(RENEW)
        return int(cursor.rowcount)


def _identity_and_record() -> tuple[str, str | None]:
    """Return the identity of this database, and the one that was recorded, if any."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {IDENTITY}, {RECORDED}")
        identity, recorded = cursor.fetchone()
        return identity, recorded
