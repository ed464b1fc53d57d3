"""The age of the last backup, as a metric and as a health check."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.backups.models import Backup
from monitoring.health.checks import Advice, Check, NotReady, register
from monitoring.metrics.metrics import BACKUP_AGE_SECONDS, BACKUP_MAX_AGE_SECONDS

ADVICE = Advice(
    problem=_("The last backup is too old: changes made since then can be lost."),
    remedy=_("Look at the last run of manage.py backup, or run it now."),
    runbook="BackupTooOld",
)


def connect() -> None:
    """Provide the values of the two gauges, and add the check. Called at start-up."""
    BACKUP_AGE_SECONDS.set_reader(lambda: {(): last_backup_age()[0].total_seconds()})
    BACKUP_MAX_AGE_SECONDS.set_reader(lambda: {(): settings.BACKUP_MAX_AGE.total_seconds()})
    check = Check(
        run=check_age,
        advice=ADVICE,
        is_advisory=True,
        depends_on="migrations",
        caused_by=("tables",),
    )
    register("backup", check)


def last_backup_age() -> tuple[timedelta, bool]:
    """Return the age of the last backup and True; without one, the age of the site and False."""
    now = timezone.now()
    last = Backup.objects.values_list("taken_at", flat=True).first()
    if last is not None:
        return now - last, True
    migrations = MigrationRecorder.Migration.objects
    installed = migrations.aggregate(first=Min("applied"))["first"] or now
    return now - installed, False


def check_age() -> str:
    """Return the age of the last backup, such as "5 h old". Raises NotReady if it is too old."""
    age, exists = last_backup_age()
    said = f"{_readable(age)} old" if exists else "none yet"
    if not settings.BACKUP_MAX_AGE:
        return f"{said}; not monitored"
    if age > settings.BACKUP_MAX_AGE:
        raise NotReady(said)
    return said


def _readable(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
