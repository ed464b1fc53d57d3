"""What hiring needs done periodically."""

from datetime import timedelta

from celery.schedules import crontab

from realtime.scheduling.entries import Entry

ENTRIES = [
    Entry(
        name="expire-uploads",
        task="jobs.tasks.expire_uploads",
        when=timedelta(hours=1),
        description="Deletes uploaded files that nobody has decided about.",
    ),
    Entry(
        name="list-anonymisation",
        task="jobs.tasks.list_anonymisation",
        when=crontab(minute="30", hour="3"),
        description="Lists the unsuccessful candidates whose data have been kept long enough.",
    ),
]
