"""Schedule entries of this app; `RealtimeConfig.periodic_module` names this module."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from realtime import task_names
from realtime.background.periodic.entries import Entry

ENTRIES = [
    Entry(
        name="worker-heartbeat",
        task=task_names.HEARTBEAT,
        when=timedelta(seconds=15),
        description=_(
            "Checks that beat, broker and workers pass tasks on, and which processes are alive."
        ),
    ),
    Entry(
        name="trim-changes",
        task=task_names.TRIM_CHANGES,
        when=timedelta(hours=1),
        description=_("Deletes old changes that browsers no longer need."),
    ),
    Entry(
        name="sweep-runs",
        task=task_names.SWEEP_RUNS,
        when=timedelta(seconds=10),
        description=_("Sends background tasks again that no worker is executing."),
    ),
    Entry(
        name="expire-results",
        task=task_names.EXPIRE_RESULTS,
        when=timedelta(hours=1),
        description=_("Deletes result files after their retention period."),
    ),
    Entry(
        name="trim-runs",
        task=task_names.TRIM_RUNS,
        when=timedelta(hours=1),
        description=_("Deletes old runs of background tasks and of this schedule."),
    ),
]
