"""What interview days need done periodically."""

from datetime import timedelta

from django.utils.translation import gettext_noop as _

from realtime.background.periodic.entries import Entry

ENTRIES = [
    Entry(
        name="sweep-clock",
        task="interview.tasks.sweep_clock",
        when=timedelta(seconds=10),
        description=_(
            "Shows what the clock alone has changed: late, overrun, missing, unconfirmed."
        ),
    ),
    Entry(
        name="sweep-deliveries",
        task="interview.tasks.sweep_deliveries",
        when=timedelta(seconds=10),
        description=_("Sends the messages that are due, and lays aside what is too late or lost."),
    ),
    Entry(
        name="send-to-robots",
        task="interview.tasks.send_to_robots",
        when=timedelta(seconds=5),
        description=_("Has DingTalk robots send what waits for their groups."),
    ),
    Entry(
        name="remind",
        task="interview.tasks.remind",
        when=timedelta(seconds=20),
        description=_("Reminds of interviews ahead; tells coordinators who is missing."),
    ),
    Entry(
        name="ask-for-feedback",
        task="interview.tasks.ask_for_feedback",
        when=timedelta(minutes=1),
        description=_("Asks for scorecards that are not in; in the end tells the coordinators."),
    ),
    Entry(
        name="send-digests",
        task="interview.tasks.send_digests",
        when=timedelta(minutes=1),
        description=_("Sends coordinators their day each morning, in each campaign's time zone."),
    ),
]
