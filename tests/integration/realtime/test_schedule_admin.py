"""Operations staff edit the schedule in the admin; invalid entries are rejected with a reason."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from realtime.background.periodic.sync import sync_schedule
from tests.people import signed_in

pytestmark = pytest.mark.django_db
CRONTAB = {
    "minute": "30",
    "hour": "2",
    "day_of_month": "*",
    "month_of_year": "*",
    "day_of_week": "*",
    "timezone": "Europe/Berlin",
}
INLINE = {
    "periodictask_set-TOTAL_FORMS": "0",
    "periodictask_set-INITIAL_FORMS": "0",
}


def test_a_sync_keeps_an_interval_that_operations_have_changed(client: Client, chen: User) -> None:
    signed_in(client, chen)
    entry = PeriodicTask.objects.get(name="trim-changes")
    page = reverse("admin:django_celery_beat_periodictask_change", args=[entry.pk])
    assert client.get(page).status_code == 200
    every = IntervalSchedule.objects.create(every=3, period="hours")
    response = client.post(
        page,
        {
            "task": entry.task,
            "enabled": "on",
            "description": entry.description,
            "interval": every.pk,
            "args": "[]",
            "kwargs": "{}",
            "expire_seconds": "3600",
        },
    )
    assert response.status_code == 302, response.content.decode()
    sync_schedule()
    entry.refresh_from_db()
    assert (entry.interval, entry.name) == (every, "trim-changes")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"hour": "99"}, "Invalid"),
        ({"minute": "often"}, "Invalid"),
        ({"day_of_month": "31", "month_of_year": "2"}, "this date never occurs"),
        ({"timezone": "Europe/Atlantis"}, "not one of the available choices"),
    ],
)
def test_an_invalid_crontab_is_rejected_with_a_reason(
    client: Client, chen: User, wrong: dict[str, str], words: str
) -> None:
    signed_in(client, chen)
    before = CrontabSchedule.objects.count()
    page = reverse("admin:django_celery_beat_crontabschedule_add")
    response = client.post(page, CRONTAB | INLINE | wrong, headers={"accept-language": "en"})
    assert response.status_code == 200
    assert words.lower() in response.content.decode().lower()
    assert CrontabSchedule.objects.count() == before
    assert client.post(page, CRONTAB | INLINE).status_code == 302, "the premise"


def test_other_users_cannot_open_the_schedule(client: Client, lin: User) -> None:
    signed_in(client, lin)
    for name in ("django_celery_beat_periodictask", "realtime_scheduledrun", "realtime_heartbeat"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403
