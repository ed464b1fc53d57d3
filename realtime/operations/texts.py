"""Translated texts for the operations page: key → text. Used by the template and by `ops.js`."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring.health.checks import CHECKS, Advice
from realtime.background.texts import live_texts, process_texts
from realtime.operations import registry
from realtime.operations.status import ROBOTS

ROBOTS_ADVICE = Advice(
    problem=gettext_lazy("A DingTalk robot is not sending: its group receives no messages."),
    remedy=gettext_lazy("See the reason below. Fix a robot that DingTalk rejects or has removed."),
    runbook="DingTalkRefusing",
)


def advice_by_check() -> Mapping[str, Advice]:
    """Advice by the names that `status_row` lists as failing."""
    return {name: check.advice for name, check in CHECKS.items()} | {ROBOTS: ROBOTS_ADVICE}


def runbooks() -> dict[str, str]:
    """Address of the runbook section for each failure; {} if RUNBOOKS_URL is not set."""
    if not settings.RUNBOOKS_URL:
        return {}
    return {name: settings.RUNBOOKS_URL + one.anchor for name, one in advice_by_check().items()}


def page_texts() -> dict[str, str]:
    return {
        **live_texts(),
        **process_texts(),
        **check_texts(),
        **registry.texts(),
        **verdict_texts(),
        **number_texts(),
        "as_of": _("As of {time} ago"),
        "live.polling": _("No live updates"),
        "asked": _("This page checks again every few seconds."),
        "seen": _("last seen {time} ago"),
        "processes": _("Processes"),
        "robot.ready": _("ready"),
        "robot.resting": _("paused until {time}"),
        "robot.gone": _("disabled"),
        "robot.alarm": _("needs attention"),
        "robots": _("DingTalk robots"),
        "robots.none": _("No DingTalk robot is configured."),
        "alerts": _("Alerts"),
        "troubles": _("Recent failures"),
        "see_all": _("See all"),
        "troubles.none": _("No recent failures"),
    }


def verdict_texts() -> dict[str, str]:
    """The headline, and the lines of a problem."""
    return {
        "fine": _("All systems operational"),
        "fine.help": _("All checks pass, and every kind of process is running."),
        "troubled.one": _("{number} problem needs attention"),
        "troubled.other": _("{number} problems need attention"),
        "runbook": _("Open the runbook"),
        "unanswered": _("The site does not respond"),
        "unanswered.help": _("You see its last known status."),
        "because": _("Because of this:"),
        "blocker": _("{application} (process {pid}), for {time}"),
        "blocker.unnamed": _("a connection without a name"),
        "unknown.one": _("{number} check has no result at the moment"),
        "unknown.other": _("{number} checks have no result at the moment"),
        "unknown.help": _("All other checks pass."),
        "stale": _("The current status is not known"),
        "stale.help": _("All checks passed when the site last answered."),
        "quiet.one": _("All checks pass, but {number} process does not respond"),
        "quiet.other": _("All checks pass, but {number} processes do not respond"),
        "quiet.help": _("See below which it is. Others may do its work."),
    }


def number_texts() -> dict[str, str]:
    """The relay's delay, the schedule and the queues, with units."""
    return {
        "lag": _("Relay delay"),
        "pending.one": _("{number} change is waiting for the relay"),
        "pending.other": _("{number} changes are waiting for the relay"),
        "schedule": _("Last scheduled task"),
        "schedule.help": _("from beat through the broker to a worker"),
        "never": _("never"),
        "ago": _("{time} ago"),
        "queues": _("Queue length"),
        "unknown": _("not known"),
        "seconds": _("{number} s"),
        "minutes": _("{number} min"),
        "hours": _("{number} h"),
    }


def check_texts() -> dict[str, str]:
    """The problem and the remedy for each check that can fail."""
    return {
        key: str(text)
        for name, advice in advice_by_check().items()
        for key, text in ((f"check.{name}", advice.problem), (f"remedy.{name}", advice.remedy))
    }
