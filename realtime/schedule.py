"""What live lists and background work need done periodically."""

from datetime import timedelta

from realtime.scheduling.entries import Entry

ENTRIES = [
    Entry(
        name="trim-changes",
        task="realtime.tasks.trim_changes",
        when=timedelta(hours=1),
        description="Forgets changes that no browser will ask for any more.",
    ),
]
