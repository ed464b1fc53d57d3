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
        content=COURSE_FILE.read_bytes(),
        file_name="a.csv",
        campaign=campaign,
        owner=None,
        has_all_rights=True,
    )


def apply(run):
    return runs.import_run_apply(run=run, has_all_rights=True)


def with_own_connection(function, *arguments):
    """Run a function in a thread with its own database connection, and close the connection."""
    try:
        return function(*arguments)
    finally:
        connection.close()


def test_two_imports_of_one_file_create_each_candidate_once(campaign):
    both = [checked(campaign), checked(campaign)]
    barrier = Barrier(2)

    def apply_together(run):
        barrier.wait(timeout=30)
        return runs.import_run_apply(run=run, has_all_rights=True)

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda run: with_own_connection(apply_together, run), both))
    assert sorted((run.new, run.known) for run in done) == [(0, 4), (4, 0)]
    assert Candidate.objects.count() == 4


def test_an_import_delivered_to_two_workers_is_applied_once(campaign):
    checked(campaign)
    twice = [ImportRun.objects.get(), ImportRun.objects.get()]
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda run: with_own_connection(apply, run), twice))
    assert [run.state for run in done] == [ImportRun.State.APPLIED] * 2
    assert Candidate.objects.count() == 4
    assert len(ImportRun.objects.get().created_candidates) == 4


def test_an_import_delivered_again_after_its_file_is_deleted_changes_nothing(campaign):
    """Interleaving: the second worker loads the run before the first one applies it."""
    late = ImportRun.objects.get(pk=checked(campaign).pk)
    apply(ImportRun.objects.get())
    assert apply(late).state == ImportRun.State.APPLIED
    assert Candidate.objects.count() == 4


def test_a_candidate_created_during_an_import_is_linked_on_retry(campaign, monkeypatch):
    """Interleaving: the candidate is created after the plan is made and before it is written."""
    run = checked(campaign)
    create, concurrent = candidate_services.candidates_create, []

    def create_after_another(**kwargs):
        if not concurrent:
            with ThreadPoolExecutor(1) as thread:
                person = {"name": "李小龙", "mobile": "18900003333"}
                concurrent.append(
                    thread.submit(
                        with_own_connection, lambda: candidate_services.candidate_create(**person)
                    ).result(timeout=30)
                )
        return create(**kwargs)

    monkeypatch.setattr(candidate_services, "candidates_create", create_after_another)
    done = runs.import_run_apply(run=run, has_all_rights=True)
    assert (done.new, done.known) == (3, 1)
    assert Candidate.objects.count() == 4
    assert campaign.candidates.filter(pk=concurrent[0].pk).exists()


@pytest.mark.parametrize("service", [runs.import_run_discard, runs.import_run_revert])
def test_a_page_does_not_wait_for_a_worker_that_uses_the_file(campaign, service):
    run = checked(campaign)
    with psycopg.connect(environment()["DATABASE_URL"]) as worker:
        worker.execute("SELECT 1 FROM jobs_importrun WHERE id = %s FOR UPDATE", [run.pk])
        with pytest.raises(ImportRefused, match="This import is in use"):
            service(run=run)
    assert ImportRun.objects.get().state == ImportRun.State.CHECKED
