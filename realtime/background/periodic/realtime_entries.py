"""What live lists and background work need done periodically."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from realtime.background.periodic.entries import Entry

ENTRIES = [
    Entry(
        name="worker-heartbeat",
        task="realtime.tasks.heartbeat",
        when=timedelta(seconds=30),
        description=_(
            "Shows that beat, broker and workers pass work on, and which processes live."
        ),
    ),
    Entry(
        name="trim-changes",
        task="realtime.tasks.trim_changes",
        when=timedelta(hours=1),
        description=_("Forgets changes that no browser will ask for any more."),
    ),
    Entry(
        name="sweep-runs",
        task="realtime.tasks.sweep_runs",
        when=timedelta(seconds=10),
        description=_("Sends again background work that no worker has."),
    ),
    Entry(
        name="expire-results",
        task="realtime.tasks.expire_results",
        when=timedelta(hours=1),
        description=_("Deletes result files that were kept long enough."),
    ),
    Entry(
        name="trim-runs",
        task="realtime.tasks.trim_runs",
        when=timedelta(hours=1),
        description=_("Forgets runs of background work and of this schedule that are long over."),
    ),
]
