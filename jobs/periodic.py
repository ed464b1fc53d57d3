"""The periodic tasks of this app, for the schedule in the database."""

from datetime import timedelta

from celery.schedules import crontab
from django.utils.translation import gettext_noop as _

from jobs import task_names
from realtime.background.periodic.entries import Entry

ENTRIES = [
    Entry(
        name="expire-uploads",
        task=task_names.EXPIRE_UPLOADS,
        when=timedelta(hours=1),
        description=_(
            "Deletes uploaded files that nobody decided about, and unconfirmed applications."
        ),
    ),
    Entry(
        name="list-anonymisation",
        task=task_names.LIST_ANONYMISATION,
        when=crontab(minute="30", hour="3"),
        description=_(
            "Anonymises unsuccessful candidates whose data have been kept long enough, and "
            "announces those of the next night."
        ),
    ),
]
