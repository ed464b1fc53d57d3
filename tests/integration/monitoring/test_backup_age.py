"""The age of the last backup, in the metric and in the check of `doctor` and /readyz."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from monitoring.backups.age import check_age
from monitoring.backups.models import Backup
from monitoring.health.checks import CHECKS, NotReady
from monitoring.metrics.metrics import BACKUP_AGE_SECONDS, BACKUP_MAX_AGE_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_day_and_two_hours(settings: Settings) -> None:
    settings.BACKUP_MAX_AGE = timedelta(hours=26)


def backed_up(hours_ago: float) -> None:
    taken_at = timezone.now() - timedelta(hours=hours_ago)
    Backup.objects.create(taken_at=taken_at, size=1, seconds=1, is_encrypted=False)


def test_the_newest_backup_counts() -> None:
    backed_up(50)
    backed_up(5)
    assert check_age() == "5 h old"
    assert BACKUP_AGE_SECONDS.read()[()] == pytest.approx(5 * 3600, abs=60)
    assert BACKUP_MAX_AGE_SECONDS.read() == {(): 26 * 3600}


def test_a_backup_older_than_the_limit_is_a_warning_that_stops_no_page() -> None:
    backed_up(27)
    with pytest.raises(NotReady, match="27 h old"):
        check_age()
    assert CHECKS["backup"].is_advisory


def test_a_new_site_has_a_day_for_its_first_backup(settings: Settings) -> None:
    assert check_age() == "none yet"
    settings.BACKUP_MAX_AGE = timedelta(microseconds=1)
    with pytest.raises(NotReady, match="none yet"):
        check_age()


def test_a_site_that_another_system_backs_up_is_not_monitored(settings: Settings) -> None:
    settings.BACKUP_MAX_AGE = timedelta()
    backed_up(24 * 90)
    assert check_age() == "90 days old; not monitored"
    assert BACKUP_MAX_AGE_SECONDS.read() == {(): 0}
