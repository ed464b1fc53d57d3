"""Translated texts for the scripts that show task runs, the connection and processes: key → text.

Sent to the browser with the configuration of a page.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from realtime.models import Heartbeat, TaskRun


def tray_texts() -> dict[str, str]:
    """Texts about a run, for the tray and for the tasks page."""
    return {
        **{f"state.{value}": str(label) for value, label in TaskRun.State.choices},
        "rate": _("{rate}/s"),
        "left": _("{time} left"),
        "problems.one": _("{number} problem"),
        "problems.other": _("{number} problems"),
        "cancel": _("Cancel"),
        "result": _("See the result"),
        "put_away": _("Dismiss: {title}"),
        "more.one": _("{number} more"),
        "more.other": _("{number} more"),
        "stopping": _("The task will stop at its next step."),
        "signed_out": _("You are signed out. Sign in and try again."),
        "failed": _("Something went wrong. Nothing was changed."),
    }


def live_texts() -> dict[str, str]:
    """Texts of the connection indicator."""
    return {
        "live.live": _("Live"),
        "live.catching-up": _("Catching up"),
        "live.offline": _("Offline since {time}; what you see may be old"),
        "live.stalled": _("Updates stopped at {time}; what you see may be old"),
        "live.outdated": _("A newer version is available"),
        "live.reload": _("Reload"),
        "live.signed-out": _("Signed out"),
        "live.refused": _("You do not have access to this page"),
        "live.broken": _("The connection was lost. Reload the page."),
    }


def process_texts() -> dict[str, str]:
    """Texts about relay, beat and worker processes."""
    return {
        **{f"process.{value}": str(label) for value, label in Heartbeat.Process.choices},
        "process.alive": _("{number} running"),
        "process.none": _("none running"),
        "process.since": _("since {time}"),
        "process.silent": _("not responding"),
    }


def page_texts() -> dict[str, str]:
    """All texts of the tasks page."""
    return {
        **tray_texts(),
        **live_texts(),
        **process_texts(),
        "none": _("No matching tasks"),
        "none.help": _("Choose another filter, or show all tasks."),
        "empty": _("No tasks yet"),
        "empty.help": _("Imports and other long tasks show their progress here."),
    }
