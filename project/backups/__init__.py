"""Backup and restore of the whole site: the database and the files, in one archive.

An archive is a tar file, encrypted as a whole if a recipient is set:

    database.dump        pg_dump's custom format
    media/…, private/…   the files, as in the directories of the same name
    manifest.json        version, migrations, and size and SHA-256 of every other member

`manage.py backup` and `manage.py restore` call `creation`, `verification` and `restoration`.
"""

import psycopg
from django.db import Error


class BackupError(Exception):
    """A backup or restore cannot be done. The message is one sentence for the operator."""


FAILURES = (BackupError, Error, psycopg.Error)
"""Errors that commands report to the operator without a traceback."""
