"""Words for the scripts that show background work: key → text."""

from __future__ import annotations

from django.utils.translation import gettext as _

from realtime.models import Heartbeat, TaskRun


def tray_texts() -> dict[str, str]:
    """What is said of a run wherever it is shown."""
    return {
        **{f"state.{value}": str(label) for value, label in TaskRun.State.choices},
        "rate": _("{rate}/s"),
        "left": _("{time} left"),
        "problems.one": _("{number} problem"),
        "problems.other": _("{number} problems"),
        "cancel": _("Cancel"),
        "result": _("See the result"),
        "put_away": _("Put away: {title}"),
        "more.one": _("{number} more"),
        "more.other": _("{number} more"),
        "stopping": _("The work stops at its next step."),
        "failed": _("That did not work. Nothing was changed."),
    }


def live_texts() -> dict[str, str]:
    """What the light says of the connection."""
    return {
        "live.live": _("Live"),
        "live.catching-up": _("Catching up"),
        "live.offline": _("Offline since {time}; what you see may be old"),
        "live.outdated": _("A newer version is here"),
        "live.reload": _("Load again"),
        "live.signed-out": _("Signed out"),
        "live.refused": _("This account may not follow this page"),
        "live.broken": _("The connection broke; reload the page"),
    }


def process_texts() -> dict[str, str]:
    """Which processes are alive."""
    return {
        **{f"process.{value}": str(label) for value, label in Heartbeat.Process.choices},
        "process.alive": _("{number} alive"),
        "process.none": _("no sign of life"),
        "process.since": _("since {time}"),
        "process.silent": _("silent"),
    }


def page_texts() -> dict[str, str]:
    """The page of all runs."""
    return {
        **tray_texts(),
        **live_texts(),
        **process_texts(),
        "none": _("No such work"),
        "none.help": _("Nothing fits this choice; see all work instead."),
        "empty": _("No work yet"),
        "empty.help": _("Imports and other long work show their progress here."),
    }
