"""What interview days need done periodically."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from interview import task_names
from realtime.background.periodic.entries import Entry

ENTRIES = [
    Entry(
        name="sweep-clock",
        task=task_names.SWEEP_CLOCK,
        when=timedelta(seconds=10),
        description=_(
            "Shows what the clock alone has changed: late, overrun, missing, unconfirmed."
        ),
    ),
    Entry(
        name="sweep-deliveries",
        task=task_names.SWEEP_DELIVERIES,
        when=timedelta(seconds=10),
        description=_("Sends the messages that are due, and lays aside what is too late or lost."),
    ),
    Entry(
        name="send-to-robots",
        task=task_names.SEND_TO_ROBOTS,
        when=timedelta(seconds=5),
        description=_("Has DingTalk robots send what waits for their groups."),
    ),
    Entry(
        name="remind",
        task=task_names.REMIND,
        when=timedelta(seconds=20),
        description=_("Reminds of interviews ahead; tells coordinators who is missing."),
    ),
    Entry(
        name="ask-for-feedback",
        task=task_names.ASK_FOR_FEEDBACK,
        when=timedelta(minutes=1),
        description=_("Asks for scorecards that are not in; in the end tells the coordinators."),
    ),
    Entry(
        name="send-digests",
        task=task_names.SEND_DIGESTS,
        when=timedelta(minutes=1),
        description=_("Sends coordinators their day each morning, in each campaign's time zone."),
    ),
]
