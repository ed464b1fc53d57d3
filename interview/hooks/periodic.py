"""Schedule entries of this app; `realtime.background.periodic` reads ENTRIES."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from interview import task_names
from realtime.background.periodic.entries import Entry

ENTRIES = [
    Entry(
        name="sweep-clock",
        task=task_names.SWEEP_CLOCK,
        when=timedelta(seconds=10),
        description=_("Updates what changes with time: late, over time, missing, not confirmed."),
    ),
    Entry(
        name="sweep-deliveries",
        task=task_names.SWEEP_DELIVERIES,
        when=timedelta(seconds=10),
        description=_("Sends due messages, and sets expired and lost ones aside."),
    ),
    Entry(
        name="send-to-robots",
        task=task_names.SEND_TO_ROBOTS,
        when=timedelta(seconds=5),
        description=_("Has DingTalk robots send the messages waiting for their groups."),
    ),
    Entry(
        name="remind",
        task=task_names.REMIND,
        when=timedelta(seconds=20),
        description=_("Sends interview reminders, and alerts coordinators about missing people."),
    ),
    Entry(
        name="ask-for-feedback",
        task=task_names.ASK_FOR_FEEDBACK,
        when=timedelta(minutes=1),
        description=_("Sends scorecard reminders, and finally notifies the coordinators."),
    ),
    Entry(
        name="send-digests",
        task=task_names.SEND_DIGESTS,
        when=timedelta(minutes=1),
        description=_("Sends coordinators a daily digest, in each campaign's time zone."),
    ),
    Entry(
        name="expire-mail-files",
        task=task_names.EXPIRE_MAIL_FILES,
        when=timedelta(hours=1),
        description=_("Deletes old e-mails that were written to files."),
    ),
    Entry(
        name="warn-of-tokens",
        task=task_names.WARN_OF_TOKENS,
        when=timedelta(hours=1),
        description=_("Tells the owners of API tokens that expire in a week."),
    ),
]
