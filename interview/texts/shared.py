"""Texts shared by board and wall screen, and those of the wall screen alone."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Texts = dict[str, Promise]

SHARED: Texts = {
    "live": _("Live"),
    "catching_up": _("Catching up"),
    "offline": _("Offline since {time}; what you see may be old"),
    "stalled": _("Updates stopped at {time}; what you see may be old"),
    "outdated": _("A newer version is available"),
    "signed_out": _("Signed out; what you see may be old"),
    "refused": _("You no longer have access to this page"),
    "broken": _("This page is outdated. Reload it."),
    "sign_in": _("Sign in"),
    "reload": _("Reload"),
    "minutes": _("{minutes} min"),
    "hours": _("{hours} h"),
    "hours_minutes": _("{hours} h {minutes}"),
    "count_today": _("today"),
    "count_arrived": _("arrived"),
    "count_in_progress": _("in progress"),
    "count_late": _("late"),
    "count_feedback_due": _("feedback due"),
    "count_done": _("done"),
    "count_no_show": _("no-show"),
}

WALL: Texts = {
    "wall_free": _("Free"),
    "wall_enter": _("Please go in"),
    "wall_check_in": _("Please check in at the desk"),
    "wall_wait": _("One moment, please"),
    "wall_in_progress": _("In progress"),
    "wall_next": _("Next {candidate} · {time}"),
    "wall_next_expected": _("Next {candidate} · about {time}"),
    "wall_no_next": _("No further interviews"),
    "wall_from": _("From {time}"),
    "wall_at": _("At {time}"),
    "wall_late": _("{minutes} min late"),
    "wall_nothing": _("No interviews today"),
}
