"""The schedule follows the code, except for values that people have edited."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.schedules import crontab
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from realtime.background.periodic import sync
from realtime.background.periodic.entries import Entry, declared_entries
from realtime.background.periodic.sync import sync_schedule, values_of
from realtime.models import InstalledEntry

pytestmark = pytest.mark.django_db

SWEEP = Entry(name="a-sweep", task="a.sweep", when=timedelta(seconds=10), description="Sweeps.")
NIGHT = Entry(name="a-night", task="a.night", when=crontab(minute="30", hour="2"))


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Replaces the declared entries by a list that the test may change."""
    code = SimpleNamespace(entries=[SWEEP, NIGHT])
    monkeypatch.setattr(sync, "declared_entries", lambda: iter(code.entries))
    sync_schedule()
    return code


def row(name: str) -> PeriodicTask:
    return PeriodicTask.objects.get(name=name)


def test_every_declared_entry_has_a_task_and_a_description() -> None:
    from project.celery import app

    app.loader.import_default_modules()
    entries = list(declared_entries())
    assert len(entries) == len({entry.name for entry in entries}) >= 3
    assert all(entry.task in app.tasks for entry in entries)
    assert all(entry.description.endswith(".") for entry in entries)


def test_a_late_worker_drops_messages_that_are_due_again() -> None:
    """After an hour without workers each entry runs once, not once per due time."""
    assert (SWEEP.values()["expire_seconds"], NIGHT.values()["expire_seconds"]) == (10, 3600)


def test_migrating_installs_the_entries_and_a_second_sync_changes_nothing() -> None:
    wanted = {entry.name: entry.values() for entry in declared_entries()}
    found = {one.name: values_of(one) for one in PeriodicTask.objects.filter(name__in=wanted)}
    assert found == json.loads(json.dumps(wanted))
    before = list(PeriodicTask.objects.order_by("pk").values())
    assert sync_schedule() == []
    assert list(PeriodicTask.objects.order_by("pk").values()) == before


def test_an_unedited_entry_follows_the_code(code: SimpleNamespace) -> None:
    code.entries = [Entry(name="a-sweep", task="a.new", when=crontab(minute="5")), NIGHT]
    assert sync_schedule() == ["a-sweep"]
    changed = row("a-sweep")
    assert (changed.task, changed.interval, changed.description) == ("a.new", None, "")
    assert changed.crontab is not None
    assert (changed.crontab.minute, str(changed.crontab.timezone)) == ("5", "Asia/Shanghai")


def test_edited_values_are_kept_and_the_others_follow_the_code(code: SimpleNamespace) -> None:
    edited = row("a-sweep")
    edited.interval = IntervalSchedule.objects.create(every=3, period="minutes")
    edited.save()
    code.entries = [Entry(name="a-sweep", task="a.new", when=timedelta(seconds=20)), NIGHT]
    sync_schedule()
    assert values_of(row("a-sweep"))["when"] == {"seconds": 180}
    assert row("a-sweep").task == "a.new"
    assert sync_schedule() == [], "a second sync reports nothing"


def test_a_crontab_edited_in_place_counts_as_edited(code: SimpleNamespace) -> None:
    CrontabSchedule.objects.filter(periodictask__name="a-night").update(hour="4")
    sync_schedule()
    assert values_of(row("a-night"))["when"]["hour"] == "4"


def test_an_entry_that_was_disabled_stays_disabled(code: SimpleNamespace) -> None:
    PeriodicTask.objects.filter(name="a-sweep").update(enabled=False)
    code.entries = [Entry(name="a-sweep", task="a.new", when=timedelta(seconds=20)), NIGHT]
    sync_schedule()
    assert (row("a-sweep").task, row("a-sweep").enabled) == ("a.new", False)


def test_only_entries_that_the_code_dropped_are_deleted(
    code: SimpleNamespace,
) -> None:
    every = IntervalSchedule.objects.create(every=1, period="days")
    PeriodicTask.objects.create(name="of my own", task="a.sweep", interval=every)
    code.entries = [NIGHT]
    assert sync_schedule() == ["a-sweep"]
    assert not PeriodicTask.objects.filter(name="a-sweep").exists()
    assert PeriodicTask.objects.filter(name="of my own").exists()


def test_a_deleted_entry_is_created_again_from_the_code(code: SimpleNamespace) -> None:
    row("a-sweep").delete()
    assert sync_schedule() == ["a-sweep"]
    assert values_of(row("a-sweep")) == SWEEP.values()


def test_entries_installed_by_beat_itself_follow_the_code(code: SimpleNamespace) -> None:
    InstalledEntry.objects.all().delete()
    code.entries = [Entry(name="a-sweep", task="a.new", when=timedelta(seconds=20)), NIGHT]
    assert sync_schedule() == ["a-sweep"]
    assert row("a-sweep").task == "a.new"


def test_a_sync_runs_as_many_queries_for_two_entries_as_for_ten(code: SimpleNamespace) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert sync_schedule() == []
        return len(captured)

    few = queries()
    code.entries += [
        Entry(name=f"more-{number}", task="a.sweep", when=timedelta(hours=1)) for number in range(8)
    ]
    sync_schedule()
    assert queries() == few


@pytest.mark.django_db(transaction=True)
def test_a_migration_without_the_schedule_tables_succeeds() -> None:
    call_command("migrate", "django_celery_beat", "0001", verbosity=0, interactive=False)
    try:
        call_command("migrate", "realtime", verbosity=0, interactive=False)
        sync.after_migration()
    finally:
        call_command("migrate", verbosity=0, interactive=False)
    assert PeriodicTask.objects.filter(name="sweep-clock").exists()
