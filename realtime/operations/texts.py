"""Words for the page of operations: key → text."""

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
    problem=gettext_lazy("A DingTalk robot does not send: its group hears nothing for now."),
    remedy=gettext_lazy("Look at its reason below. One that is refused or gone needs a person."),
    runbook="DingTalkRefusing",
)


def advice_by_check() -> Mapping[str, Advice]:
    """By what is told to fail: see `status_row`."""
    return {name: check.advice for name, check in CHECKS.items()} | {ROBOTS: ROBOTS_ADVICE}


def runbooks() -> dict[str, str]:
    """Where each is read; none where nobody has said where they are."""
    if not settings.RUNBOOKS_URL:
        return {}
    return {name: settings.RUNBOOKS_URL + one.anchor for name, one in advice_by_check().items()}


def page_texts() -> dict[str, str]:
    return {
        **live_texts(),
        **process_texts(),
        **check_texts(),
        **registry.texts(),
        "fine": _("Everything works"),
        "fine.help": _("All checks pass, and every kind of process is alive."),
        "troubled.one": _("{number} thing needs you"),
        "troubled.other": _("{number} things need you"),
        "runbook": _("What to do, step by step"),
        "as_of": _("As of {time}"),
        "asked": _("The live list is silent; this page asks by itself every few seconds"),
        "unanswered": _("The site does not answer; this is what it said at {time}"),
        "lag": _("Behind"),
        "pending.one": _("{number} change waits for the relay"),
        "pending.other": _("{number} changes wait for the relay"),
        "schedule": _("Last pass of the schedule"),
        "schedule.help": _("from beat through the broker to a worker"),
        "never": _("never"),
        "ago": _("{time} ago"),
        "queues": _("Waiting in the queues"),
        "unknown": _("not known"),
        "seconds": _("{number} s"),
        "minutes": _("{number} min"),
        "hours": _("{number} h"),
        "processes": _("Processes"),
        "robot.ready": _("ready"),
        "robot.resting": _("rests until {time}"),
        "robot.gone": _("out of use"),
        "robot.alarm": _("needs a person"),
        "robots": _("DingTalk robots"),
        "robots.none": _("No robot is set up."),
        "troubles": _("What failed last"),
        "see_all": _("See all"),
        "troubles.none": _("Nothing has failed lately"),
    }


def check_texts() -> dict[str, str]:
    """What is wrong when a check fails, and what to do about it."""
    return {
        key: str(text)
        for name, advice in advice_by_check().items()
        for key, text in ((f"check.{name}", advice.problem), (f"remedy.{name}", advice.remedy))
    }
