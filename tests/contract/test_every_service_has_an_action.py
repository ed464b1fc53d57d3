"""Every service is called by an action of the random histories, or excluded for a reason."""

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
from tests.support.histories import play  # noqa: F401 importing it registers all actions
from tests.support.histories.actions import CALLED_SERVICES, full_name

SERVICE_MODULES = (
    application_services,
    candidate_services,
    opening_services,
    task_runs,
    tracked_tasks,
    in_app,
)
EXCLUDED = {
    "interview.services.scheduling.suggest_interviewers": "reads only",
    "interview.services.conflict_checks.preview_conflicts": "reads only",
    "interview.services.contacts.contacts_look_up": "the audit log is in no live list",
    "interview.notifications.planning.notify": "called by other services",
    "interview.services.messages.deliveries_resend": "an outgoing message is in no live list",
    "interview.services.messages.message_send_test": "an outgoing message is in no live list",
    "interview.notifications.outbox.claim": "an outgoing message is in no live list",
    "interview.notifications.outbox.mark_failed": "an outgoing message is in no live list",
    "interview.notifications.outbox.give_up_unknown": "an outgoing message is in no live list",
    "interview.notifications.outbox.resend": "an outgoing message is in no live list",
    "jobs.mobile_numbers.mobile_save": "a mobile number is in no live list",
    "interview.notifications.in_app.notices.task_finished": "called when a task run ends",
    "interview.notifications.planning.notify_many": "called by the time sweep",
    "interview.notifications.in_app.notices.notice_text": "reads only",
    "interview.notifications.in_app.notices.save_notices": "called by other services",
    "interview.services.calendars.calendar_renew": "a calendar feed is in no live list",
    "interview.services.calendars.calendar_close": "a calendar feed is in no live list",
    "realtime.background.periodic.sync.sync_schedule": "a schedule is in no live list",
    "jobs.candidates.services.contact_problem": "returns a text",
    "jobs.candidates.services.taken_contacts": "returns texts",
    "jobs.candidates.services.refresh_shares_contact": "called by the merge",
    "jobs.applications.cleanup.pending_delete": "called by the clean-up and by erasures",
    "jobs.candidates.conflicts.conflicts_record": "called by the services of candidates",
    "jobs.candidates.conflicts.conflict_keep_apart": "a conflict is in no live list",
    "realtime.background.task_runs.is_cancel_requested": "reads only",
    "realtime.background.recovery.expire_results": "deletes files and updates their runs",
    "realtime.background.results.result_files_delete": "deletes files and updates their runs",
    "realtime.background.tracked_tasks.tracked_task": "a decorator",
    "realtime.background.tracked_tasks.start": "creates a task run by a called service",
    "realtime.relay.epochs.renew_epochs_of_another_database": "part of numbering",
    "jobs.privacy.anonymisation.anonymisation_list": "the lists are not live lists",
    "jobs.privacy.anonymisation.anonymisation_execute": "anonymises by a called service",
    "jobs.privacy.anonymisation.anonymisation_announce": "the lists are not live lists",
    "jobs.privacy.anonymisation.anonymisation_execute_announced": "anonymises by a called service",
    "jobs.privacy.erasure_requests.erasure_request_create": "a request is in no live list",
    "jobs.privacy.erasure_requests.erasure_request_cancel": "a request is in no live list",
    "jobs.privacy.erasure_requests.erasure_request_decline": "a request is in no live list",
    "realtime.http.tokens.api_token_create": "tokens are in no live list",
    "realtime.http.tokens.api_token_revoke": "tokens are in no live list",
    "realtime.http.tokens.api_tokens_revoke_all": "tokens are in no live list",
    "realtime.retention.trim_changes": "called by a step of the histories",
    "realtime.retention.trim_scheduled_runs": "scheduled runs are in no live list",
    "jobs.imports.runs.import_run_queue": "an import is in no live list; its task run is",
    "jobs.imports.runs.import_run_change_options": "an import is in no live list; its task run is",
    "jobs.imports.runs.import_run_check": "an import is in no live list; its task run is",
    "jobs.imports.runs.import_run_revert": "reverts by called services",
    "jobs.imports.runs.import_run_fail": "an import is in no live list; its task run is",
    "jobs.imports.runs.import_run_discard": "an import is in no live list; its task run is",
    "jobs.imports.uploads.uploads_expire": "files only",
    "jobs.imports.queue.import_run_receive": "creates a task run by a called service",
    "jobs.imports.queue.import_run_reread": "creates a task run by a called service",
    "jobs.imports.queue.import_run_start": "creates a task run by a called service",
    "jobs.applications.confirm.application_confirm": "creates and moves by called services",
    "jobs.applications.links.link_renew": "a private link is in no live list",
    "jobs.applications.links.link_close": "a private link is in no live list",
    "jobs.exports.queue.export_start": "creates a task run by a called service",
    "jobs.imports.queue.dry_run_record": "records a finished task run",
    "interview.notifications.dingtalk.test_message.plan_test": "messages are in no live list",
    "interview.demo.loader.load": "runs before any page is open",
    "interview.simulation.extra_interviews.add_interview": "plans by called services",
    "jobs.imports.writer.write": "creates and merges by called services",
    "jobs.imports.writer.revert": "restores and removes by called services",
}


def test_every_service_is_called_by_an_action_or_excluded_for_a_reason() -> None:
    writers = {full_name(one) for one in (*services_of_modules(), *atomic_functions())}
    known = {
        "interview.services.interview_day.interview_confirm",
        "jobs.openings.services.job_update",
    }
    assert known <= writers
    assert writers - CALLED_SERVICES - EXCLUDED.keys() == set(), (
        "add an action, or exclude it with a reason"
    )
    assert EXCLUDED.keys() - writers == set(), "these no longer exist, or are called"
    assert EXCLUDED.keys() & CALLED_SERVICES == set(), "excluded, but called"


def services_of_modules() -> Iterator[Callable[..., Any]]:
    """The public functions of the service modules."""
    for name in services.__all__:
        offered = getattr(services, name)
        if inspect.isfunction(offered):
            yield offered
    for module in SERVICE_MODULES:
        yield from functions_of(module)


def atomic_functions() -> Iterator[Callable[..., Any]]:
    """All other functions that open a transaction of their own."""
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
