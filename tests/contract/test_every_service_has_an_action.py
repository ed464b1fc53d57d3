"""A new service that the random histories do not call is found here, not by a stale board."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from django.db.transaction import Atomic

import interview
import jobs
import realtime
from interview import services
from interview.notifications.in_app import notices as in_app
from jobs.applications import services as application_services
from jobs.candidates import services as candidate_services
from jobs.openings import services as opening_services
from realtime.background import task_runs, tracked_tasks
from tests.support.histories import play  # noqa: F401 so that all acts are entered
from tests.support.histories.actions import CALLED, full_name

SERVICE_MODULES = (
    application_services,
    candidate_services,
    opening_services,
    task_runs,
    tracked_tasks,
    in_app,
)
LEFT_OUT = {
    "interview.services.scheduling.suggest_interviewers": "reads only",
    "interview.notifications.planning.notify": "part of the steps",
    "interview.services.messages.deliveries_resend": "a message on its way out is in no list",
    "interview.services.messages.message_send_test": "a message on its way out is in no list",
    "interview.notifications.outbox.claim": "a message on its way out is in no list",
    "interview.notifications.outbox.mark_failed": "a message on its way out is in no list",
    "interview.notifications.outbox.give_up_unknown": "a message on its way out is in no list",
    "interview.notifications.outbox.resend": "a message on its way out is in no list",
    "interview.notifications.in_app.notices.task_finished": "part of the end of a run",
    "interview.notifications.planning.notify_many": "part of what the clock tells",
    "interview.notifications.in_app.notices.notice_text": "reads only",
    "interview.notifications.in_app.notices.save_notices": "part of the steps",
    "interview.services.calendars.calendar_renew": "a calendar feed is in no list",
    "interview.services.calendars.calendar_close": "a calendar feed is in no list",
    "realtime.background.periodic.sync.sync_schedule": "a schedule is in no list",
    "jobs.candidates.services.contact_problem": "a text",
    "realtime.background.task_runs.is_cancel_requested": "reads only",
    "realtime.background.recovery.expire_results": "files, and the rows of those that had one",
    "realtime.background.tracked_tasks.tracked_task": "makes a task",
    "realtime.background.tracked_tasks.start": "creates a task run, by a service that is called",
    "realtime.relay.numbering.assign_positions": "what the histories' relay does",
    "jobs.privacy.anonymisation.anonymisation_list": "the lists are in no list that is watched",
    "jobs.privacy.anonymisation.anonymisation_execute": "anonymises by a service that is called",
    "realtime.http.tokens.api_token_create": "tokens are in no list that is watched",
    "realtime.http.tokens.api_token_revoke": "tokens are in no list that is watched",
    "realtime.retention.trim_changes": "a rule of the histories themselves",
    "realtime.retention.trim_scheduled_runs": "they are in no list",
    "jobs.imports.runs.import_run_queue": "an import is in no list; its task run is",
    "jobs.imports.runs.import_run_change_options": "an import is in no list; its task run is",
    "jobs.imports.runs.import_run_check": "an import is in no list; its task run is",
    "jobs.imports.runs.import_run_revert": "takes back through services that are called",
    "jobs.imports.runs.import_run_fail": "an import is in no list; its task run is",
    "jobs.imports.runs.import_run_discard": "an import is in no list; its task run is",
    "jobs.imports.uploads.uploads_expire": "files only",
    "jobs.imports.queue.import_run_receive": "creates a task run, by a service that is called",
    "jobs.imports.queue.import_run_reread": "creates a task run, by a service that is called",
    "jobs.imports.queue.import_run_start": "creates a task run, by a service that is called",
    "jobs.applications.links.link_renew": "a private link is in no list",
    "jobs.applications.links.link_close": "a private link is in no list",
    "jobs.exports.queue.export_start": "creates a task run, by a service that is called",
    "jobs.imports.queue.dry_run_record": "a task run from its beginning to its end",
    "interview.notifications.dingtalk.test_message.plan_test": "messages are in no list",
    "interview.demo.loader.load": "before anybody watches",
    "interview.simulation.extra_interviews.add_interview": "plans by services that are called",
    "jobs.imports.writer.write": "creates and joins by services that are called",
    "jobs.imports.writer.take_back": "leaves and removes by services that are called",
}


def test_every_service_is_called_by_an_act_or_left_out_for_a_reason() -> None:
    writers = {full_name(one) for one in (*services_of_modules(), *atomic_functions())}
    known = {
        "interview.services.interview_day.interview_confirm",
        "jobs.openings.services.job_update",
    }
    assert known <= writers
    assert writers - CALLED - LEFT_OUT.keys() == set(), "enter an act, or say why not"
    assert LEFT_OUT.keys() - writers == set(), "these are gone, or are called"
    assert LEFT_OUT.keys() & CALLED == set(), "left out, and called all the same"


def services_of_modules() -> Iterator[Callable[..., Any]]:
    """What the modules of services offer."""
    for name in services.__all__:
        offered = getattr(services, name)
        if inspect.isfunction(offered):
            yield offered
    for module in SERVICE_MODULES:
        yield from functions_of(module)


def atomic_functions() -> Iterator[Callable[..., Any]]:
    """Whatever else writes in a transaction of its own, wherever it stands."""
    for package in (interview, jobs, realtime):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
                module = importlib.import_module(found.name)
                yield from filter(is_atomic, functions_of(module))


def functions_of(module: ModuleType) -> Iterator[Callable[..., Any]]:
    for name, function in vars(module).items():
        is_own = inspect.isfunction(function) and function.__module__ == module.__name__
        if is_own and not name.startswith("_"):
            yield function


def is_atomic(function: Any) -> bool:
    cells = function.__closure__ or ()
    return any(isinstance(cell.cell_contents, Atomic) for cell in cells)


def test_a_function_in_a_transaction_is_recognised() -> None:
    assert is_atomic(services.interview_confirm)
    assert not is_atomic(services.suggest_interviewers)
