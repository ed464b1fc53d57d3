"""What hiring needs done periodically."""

from datetime import timedelta

from realtime.scheduling.entries import Entry

ENTRIES = [
    Entry(
        name="expire-uploads",
        task="jobs.tasks.expire_uploads",
        when=timedelta(hours=1),
        description="Deletes uploaded files that nobody has decided about.",
    ),
]
