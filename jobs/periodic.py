"""What hiring needs done periodically."""

from datetime import timedelta

from celery.schedules import crontab
from django.utils.translation import gettext_noop as _

from realtime.background.periodic.entries import Entry

ENTRIES = [
    Entry(
        name="expire-uploads",
        task="jobs.tasks.expire_uploads",
        when=timedelta(hours=1),
        description=_("Deletes uploaded files that nobody has decided about."),
    ),
    Entry(
        name="list-anonymisation",
        task="jobs.tasks.list_anonymisation",
        when=crontab(minute="30", hour="3"),
        description=_("Lists the unsuccessful candidates whose data have been kept long enough."),
    ),
]
