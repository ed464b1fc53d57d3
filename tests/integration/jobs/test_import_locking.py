"""Concurrent imports of one file, and a candidate created by hand during an import."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from django.db import connection

from jobs.candidates import services as candidate_services
from jobs.imports import runs
from jobs.imports.refusals import ImportRefused
from jobs.models import Candidate
from jobs.models.imports import ImportRun
from tests.support.product.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def checked(campaign):
    return runs.import_run_create(
        content=COURSE_FILE.read_bytes(), file_name="a.csv", campaign=campaign, owner=None
    )


def apply(run):
    return runs.import_run_apply(run=run)


def elsewhere(work, *arguments):
    """Runs a function with its own database connection, and closes it."""
    try:
        return work(*arguments)
    finally:
        connection.close()


def test_two_at_once_enter_everybody_once(campaign):
    both = [checked(campaign), checked(campaign)]
    together = Barrier(2)

    def work(run):
        together.wait(timeout=30)
        return runs.import_run_apply(run=run)

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda run: elsewhere(work, run), both))
    assert sorted((run.new, run.known) for run in done) == [(0, 4), (4, 0)]
    assert Candidate.objects.count() == 4


def test_one_run_delivered_to_two_workers_is_applied_once(campaign):
    checked(campaign)
    twice = [ImportRun.objects.get(), ImportRun.objects.get()]
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda run: elsewhere(apply, run), twice))
    assert [run.state for run in done] == [ImportRun.State.APPLIED] * 2
    assert Candidate.objects.count() == 4
    assert len(ImportRun.objects.get().created_candidates) == 4


def test_a_run_delivered_again_after_its_file_is_gone_changes_nothing(campaign):
    """The second worker has loaded the run before the first applied it."""
    late = ImportRun.objects.get(pk=checked(campaign).pk)
    apply(ImportRun.objects.get())
    assert apply(late).state == ImportRun.State.APPLIED
    assert Candidate.objects.count() == 4


def test_somebody_typed_in_meanwhile_is_linked_on_the_second_try(campaign, monkeypatch):
    """The candidate is created after the plan is made and before it is written."""
    run = checked(campaign)
    create, typed = candidate_services.candidates_create, []

    def interrupted(**kwargs):
        if not typed:
            with ThreadPoolExecutor(1) as thread:
                person = {"name": "李小龙", "mobile": "18900003333"}
                typed.append(
                    thread.submit(
                        elsewhere, lambda: candidate_services.candidate_create(**person)
                    ).result(timeout=30)
                )
        return create(**kwargs)

    monkeypatch.setattr(candidate_services, "candidates_create", interrupted)
    done = runs.import_run_apply(run=run)
    assert (done.new, done.known) == (3, 1)
    assert Candidate.objects.count() == 4
    assert campaign.candidates.filter(pk=typed[0].pk).exists()


@pytest.mark.parametrize("decide", [runs.import_run_discard, runs.import_run_revert])
def test_nobody_waits_on_a_page_for_a_worker_who_is_at_the_file(campaign, decide):
    run = checked(campaign)
    with psycopg.connect(environment()["DATABASE_URL"]) as worker:
        worker.execute("SELECT 1 FROM jobs_importrun WHERE id = %s FOR UPDATE", [run.pk])
        with pytest.raises(ImportRefused, match="This import is in use"):
            decide(run=run)
    assert ImportRun.objects.get().state == ImportRun.State.CHECKED
