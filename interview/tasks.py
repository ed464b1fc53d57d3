"""Celery tasks of interview days. Celery looks for an app's tasks in this module."""

from __future__ import annotations

from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings

from interview import task_names
from interview.bulk.tasks import (
    apply_bulk_plan,
    move_applications,
    remind_interviewers,
    take_bulk_plan_back,
)
from interview.live.clock_sweep import record_time_changes
from interview.models import Robot
from interview.notifications import sender
from interview.notifications.dingtalk.channel import request_sending
from interview.notifications.dingtalk.robot_sender import send_due
from interview.notifications.email.account_notices import token_warnings_send
from interview.notifications.email.mail_files import mail_files_expire
from interview.notifications.reminders import alarms, daily_digest, scorecards, upcoming
from realtime.background.periodic.runs import scheduled
from realtime.models import ScheduledRun

__all__ = [
    "apply_bulk_plan",
    "ask_for_feedback",
    "deliver",
    "expire_mail_files",
    "move_applications",
    "remind",
    "remind_interviewers",
    "send_digests",
    "send_to_robot",
    "send_to_robots",
    "sweep_clock",
    "sweep_deliveries",
    "take_bulk_plan_back",
    "warn_of_tokens",
]

FIRST_SWEEP_WINDOW = timedelta(days=1)
FIRST_REMINDER_WINDOW = timedelta(minutes=5)
"""How far back the first run of an installation looks."""
NOTIFY_SOFT_SECONDS, NOTIFY_HARD_SECONDS = settings.WORK_LIMITS_SECONDS["notify"]


@scheduled(task_names.SWEEP_CLOCK)
def sweep_clock(run: ScheduledRun) -> None:
    """Record changes of live rows since the last sweep, however long ago that was.

    The time of a sweep is saved in the transaction of its changes, so the next sweep covers a
    failed one.
    """
    record_time_changes(run.since() or run.scheduled_for - FIRST_SWEEP_WINDOW, run.scheduled_for)


@shared_task(
    name=task_names.DELIVER, soft_time_limit=NOTIFY_SOFT_SECONDS, time_limit=NOTIFY_HARD_SECONDS
)
def deliver(channel: str) -> None:
    """Send what is due on this channel."""
    sender.deliver(channel)


@scheduled(task_names.SWEEP_DELIVERIES)
def sweep_deliveries(run: ScheduledRun) -> None:
    """End expired and lost messages, and ask workers to send the rest."""
    sender.sweep()


@scheduled(task_names.SEND_TO_ROBOTS)
def send_to_robots(run: ScheduledRun) -> None:
    """Ask workers to send what is due for the DingTalk robots."""
    request_sending(run.scheduled_for)


@shared_task(name=task_names.SEND_TO_ROBOT, soft_time_limit=120, time_limit=150)
def send_to_robot(robot_id: int) -> None:
    """Send what is due for one robot."""
    robot = Robot.objects.filter(pk=robot_id).first()
    if robot is not None:
        send_due(robot)


@scheduled(task_names.REMIND)
def remind(run: ScheduledRun) -> None:
    """Send interview reminders, and alert coordinators."""
    upcoming.remind(_since(run), run.scheduled_for)
    alarms.raise_alarms(_since(run), run.scheduled_for)


@scheduled(task_names.ASK_FOR_FEEDBACK)
def ask_for_feedback(run: ScheduledRun) -> None:
    """Remind of missing scorecards: after the end, then daily, then notify the coordinators."""
    scorecards.remind_of_scorecards(_since(run), run.scheduled_for)


@scheduled(task_names.SEND_DIGESTS)
def send_digests(run: ScheduledRun) -> None:
    """Send the daily digests that are due in their campaign's time zone."""
    daily_digest.send_digests(_since(run), run.scheduled_for)


@scheduled(task_names.EXPIRE_MAIL_FILES)
def expire_mail_files(run: ScheduledRun) -> None:
    """Delete old e-mails that were written to files."""
    mail_files_expire(run.scheduled_for)


@scheduled(task_names.WARN_OF_TOKENS)
def warn_of_tokens(run: ScheduledRun) -> None:
    """Tell the owners of API tokens that expire in a week."""
    token_warnings_send(_since(run), run.scheduled_for)


def _since(run: ScheduledRun) -> datetime:
    """The end of the last run's window, or FIRST_REMINDER_WINDOW ago for the first run."""
    return run.since() or run.scheduled_for - FIRST_REMINDER_WINDOW
