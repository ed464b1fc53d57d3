"""Operations change when things are done, and are told in words what cannot be."""

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


def test_operations_slow_an_entry_down_and_a_sync_leaves_it_so(client: Client, chen: User) -> None:
    signed_in(client, chen)
    entry = PeriodicTask.objects.get(name="trim-changes")
    page = reverse("admin:django_celery_beat_periodictask_change", args=[entry.pk])
    assert client.get(page).status_code == 200
    every = IntervalSchedule.objects.create(every=3, period="hours")
    answer = client.post(
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
    assert answer.status_code == 302, answer.content.decode()
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
def test_a_bad_crontab_is_refused_in_words(
    client: Client, chen: User, wrong: dict[str, str], words: str
) -> None:
    signed_in(client, chen)
    before = CrontabSchedule.objects.count()
    page = reverse("admin:django_celery_beat_crontabschedule_add")
    answer = client.post(page, CRONTAB | INLINE | wrong, headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert words.lower() in answer.content.decode().lower()
    assert CrontabSchedule.objects.count() == before
    assert client.post(page, CRONTAB | INLINE).status_code == 302, "the premise"


def test_nobody_else_enters_the_schedule(client: Client, lin: User) -> None:
    signed_in(client, lin)
    for name in ("django_celery_beat_periodictask", "realtime_scheduledrun", "realtime_heartbeat"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403
