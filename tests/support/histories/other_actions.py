"""Actions on candidates, jobs, campaigns, background tasks and processes."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from django.utils import timezone

from interview.models import Interview
from interview.services import notice_settings_save
from jobs import languages
from jobs.applications import services as application_services
from jobs.candidates import services as candidate_services
from jobs.candidates.services import CandidateFields
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Application, Campaign, Candidate, Job
from jobs.openings import services as opening_services
from jobs.privacy.anonymisation import candidates_anonymise
from jobs.privacy.erasure_requests import candidate_erase
from realtime import retention
from realtime.background import heartbeats, task_runs
from realtime.background.task_context import TaskCancelled, TaskContext
from realtime.models import Heartbeat, TaskRun
from tests.support.histories.actions import action
from tests.support.histories.world import Choose, NothingToDo, World, one_of

SECOND = timedelta(seconds=1)
NAMES = ("欧阳娜", "王思远", "Ada Lovelace")
STAGES = ("screening", "interviewing", "offer", "rejected", "no such stage")


@action(candidate_services.candidate_create)
def candidate_create(world: World, choose: Choose) -> None:
    candidate_services.candidate_create(campaign=choose([None, world.campaign]), name=choose(NAMES))


@action(candidate_services.candidate_update)
def candidate_update(world: World, choose: Choose) -> None:
    candidate = _candidate(choose)
    candidate_services.candidate_update(
        candidate=candidate, name=choose([*NAMES, ""]), school="清华大学"
    )


@action(candidate_services.candidates_create)
def candidates_create(world: World, choose: Choose) -> None:
    candidate_services.candidates_create(people=[{"name": name} for name in NAMES])


@action(candidate_services.candidates_fill)
def candidates_fill(world: World, choose: Choose) -> None:
    values: CandidateFields = {"school": "清华大学", "city": "Berlin"}
    candidate_services.candidates_fill(values={_candidate(choose).pk: values})


@action(candidate_services.candidates_clear)
def candidates_clear(world: World, choose: Choose) -> None:
    candidate_services.candidates_clear(fields={_candidate(choose).pk: ["school"]})


@action(candidates_anonymise)
def candidate_anonymised(world: World, choose: Choose) -> None:
    candidates_anonymise(candidates=[_candidate(choose).pk], by=world.lin)


@action(candidate_erase)
def candidate_erased(world: World, choose: Choose) -> None:
    candidate_erase(candidate=_candidate(choose), by=world.lin)


@action(candidates_merge)
def candidates_merged(world: World, choose: Choose) -> None:
    kept, removed = _candidate(choose), _candidate(choose)
    if kept == removed:
        raise NothingToDo
    digest = digest_of(records_of(Candidate.objects.filter(pk__in=[kept.pk, removed.pk])))
    candidates_merge(
        kept=kept.pk,
        removed=removed.pk,
        fields_from_removed=choose([[], ["name"], ["mobile", "email"]]),
        shown=choose([digest, digest, ""]),
        by=world.lin,
        override_reason=choose(["", "one of them is cancelled"]),
    )


@action(candidate_services.candidates_join)
def candidates_join(world: World, choose: Choose) -> None:
    candidate_services.candidates_join(
        candidates=Candidate.objects.all(), campaign=_campaign(world, choose)
    )


@action(candidate_services.candidates_leave)
def candidates_leave(world: World, choose: Choose) -> None:
    candidate_services.candidates_leave(candidates=_everybody(), campaign=_campaign(world, choose))


@action(candidate_services.candidates_remove_unused)
def candidates_remove_unused(world: World, choose: Choose) -> None:
    candidate_services.candidates_remove_unused(candidates=_everybody())


@action(application_services.application_create)
def application_create(world: World, choose: Choose) -> None:
    application_services.application_create(
        candidate=_candidate(choose), job=_job(choose), by=world.lin
    )


@action(application_services.applications_create)
def applications_create(world: World, choose: Choose) -> None:
    candidates = list(Candidate.objects.order_by("pk"))[:3]
    application_services.applications_create(candidates=candidates, job=_job(choose), by=None)


@action(application_services.application_move)
def application_move(world: World, choose: Choose) -> None:
    application = one_of(choose, list(Application.objects.order_by("pk")))
    application_services.application_move(
        application=application,
        to=choose(STAGES),
        version=choose([application.version, application.version, 99]),
        by=world.lin,
        reason=choose(["", "asked again"]),
    )


@action()
def application_deleted(world: World, choose: Choose) -> None:
    """Deletes an application and its interviews, which the row itself protects."""
    application = one_of(choose, list(Application.objects.order_by("pk")))
    Interview.objects.filter(application=application).delete()
    application.delete()


@action(opening_services.campaign_create)
def campaign_create(world: World, choose: Choose) -> None:
    slug = f"campaign-{Campaign.objects.count()}"
    opening_services.campaign_create(by=world.lin, slug=slug, name="Spring")


@action(opening_services.campaign_update)
def campaign_update(world: World, choose: Choose) -> None:
    opening_services.campaign_update(
        campaign=_campaign(world, choose),
        name=choose(["Autumn", "Winter"]),
        time_zone=choose(["Asia/Shanghai", "Europe/Berlin", "Pacific/Auckland"]),
    )


@action(opening_services.job_create)
def job_create(world: World, choose: Choose) -> None:
    opening_services.job_create(campaign=_campaign(world, choose), title="Engineer")


@action(opening_services.job_update)
def job_update(world: World, choose: Choose) -> None:
    opening_services.job_update(job=_job(choose), title=choose(["Staff engineer", "Designer", ""]))


def _candidate(choose: Choose) -> Candidate:
    return one_of(choose, list(Candidate.objects.order_by("pk")))


def _everybody() -> list[int]:
    return list(Candidate.objects.order_by("pk").values_list("pk", flat=True))


def _job(choose: Choose) -> Job:
    return one_of(choose, list(Job.objects.order_by("pk")))


def _campaign(world: World, choose: Choose) -> Campaign:
    return Campaign.objects.get(pk=choose([world.campaign.pk, world.elsewhere.pk]))


# Background work


@action(task_runs.task_run_create)
def task_run_create(world: World, choose: Choose) -> None:
    task_runs.task_run_create(
        name="import",
        title="spring.csv",
        owner=choose([None, world.lin, world.wu]),
        total=choose([0, 10]),
        can_cancel=choose([True, False]),
    )


@action(task_runs.mark_started)
def task_run_started(world: World, choose: Choose) -> None:
    task_runs.mark_started(_run(choose), total=choose([None, 20]))


@action(task_runs.mark_interrupted)
def task_run_interrupted(world: World, choose: Choose) -> None:
    """An interrupted run keeps in its row the progress that it had shown."""
    run = _run(choose)
    with contextlib.suppress(TaskCancelled):
        TaskContext(run).report_progress(choose([1, 7]), "Reading")
    task_runs.mark_interrupted(run, message="Tried again")


@action(task_runs.mark_succeeded)
def task_run_finished(world: World, choose: Choose) -> None:
    task_runs.mark_succeeded(_run(choose), message="10 candidates", errors=choose([0, 3]))


@action(task_runs.mark_failed)
def task_run_failed(world: World, choose: Choose) -> None:
    task_runs.mark_failed(_run(choose), message="No such file")


@action(task_runs.mark_cancelled)
def task_run_cancelled(world: World, choose: Choose) -> None:
    task_runs.mark_cancelled(_run(choose))


@action(task_runs.request_cancel)
def task_run_asked_to_stop(world: World, choose: Choose) -> None:
    run = _run(choose)
    if task_runs.request_cancel(run):
        assert task_runs.is_cancel_requested(run)


def _run(choose: Choose) -> TaskRun:
    return one_of(choose, list(TaskRun.objects.order_by("created_at", "pk")))


@action(retention.trim_task_runs)
def task_run_forgotten(world: World, choose: Choose) -> None:
    """Trims a run that ended long ago."""
    run = _run(choose)
    if run.finished_at is not None:
        retention.trim_task_runs(run.finished_at + retention.KEEP_TASK_RUNS_FOR + SECOND)


# Processes


@action(heartbeats.heartbeats_mark_silent)
def process_alive_or_silent(world: World, choose: Choose) -> None:
    """A process starts, sends heartbeats and ends; or some are silent for too long."""
    writer = heartbeats.HeartbeatWriter(choose(list(Heartbeat.Process)))
    choose([writer.beat, lambda: (writer.beat(), writer.stop()), lambda: None])()
    silence = choose([timedelta(), heartbeats.SILENT_AFTER + SECOND, timedelta(days=2)])
    heartbeats.heartbeats_mark_silent(timezone.now() + silence)


@action(languages.language_choose)
def language_choose(world: World, choose: Choose) -> None:
    languages.language_choose(user=world.interviewer(choose), language=choose(["en", "zh-hans"]))


@action(notice_settings_save)
def notice_settings_kept(world: World, choose: Choose) -> None:
    notice_settings_save(
        user=world.interviewer(choose),
        time_zone=choose(["", "Europe/Berlin"]),
        quiet_from=None,
        quiet_until=None,
        mailed=[],
    )
