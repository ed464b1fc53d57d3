"""Texts of the interviewer page's script, translated here because only Python can."""

from __future__ import annotations

from django.utils.translation import gettext as _

from interview.models import InterviewAssignment, Notification
from interview.models.states import Status
from realtime.background.texts import live_texts


def me_texts() -> dict[str, str]:
    """Key → text; {braces} are filled in by the script."""
    return {
        **{f"status.{value}": str(label) for value, label in Status.choices},
        **{f"event.{value}": str(label) for value, label in Notification.Event.choices},
        **{f"response.{v}": str(label) for v, label in InterviewAssignment.Response.choices},
        **_page_texts(),
        **_card_texts(),
        **_action_texts(),
        **_list_texts(),
        **_notice_texts(),
    }


def _page_texts() -> dict[str, str]:
    return {
        **live_texts(),
        "live.sign_in": _("Sign in again"),
        "page.title": _("My interviews"),
        "page.product": _("Recruit Live"),
    }


def _card_texts() -> dict[str, str]:
    return {
        "arrived": _("{candidate} has arrived"),
        "arrived.where": _("Checked in at {time} · waits in {room}"),
        "next.starts": _("Starts {when}"),
        "next.now": _("Starts now"),
        "next.late": _("Should have started {when}"),
        "next.left": _("{minutes} min left"),
        "next.over": _("{minutes} min over time"),
        "next.expected": _("Expected to start at {time}, as something before it runs late"),
        "fact.place": _("Place"),
        "fact.link": _("Join the call"),
        "fact.resume": _("Résumé"),
        "fact.resume_open": _("Open the résumé"),
        "fact.partners": _("With"),
        "fact.alone": _("You alone"),
        "fact.briefing": _("Background"),
        "fact.criteria": _("Examine"),
        "details": _("All details"),
        "separator": _(", "),
        "flag.declined": _("A colleague has declined"),
        "flag.clash": _("You are booked twice at this time"),
    }


def _action_texts() -> dict[str, str]:
    return {
        "act.accept": _("Accept"),
        "act.decline": _("Decline"),
        "act.start": _("Start interview"),
        "act.finish": _("Finish interview"),
        "act.scorecard": _("Open scorecard"),
        "late": _("I will be late"),
        "late.minutes": _("{minutes} min"),
        "late.told": _("You said you will be {minutes} minutes late."),
        "late.take_back": _("On time after all"),
        "decline.reason": _("Why can you not come?"),
        "decline.send": _("Send and decline"),
        "decline.keep": _("Keep it"),
        "done.accept": _("Accepted."),
        "done.decline": _("Declined. The coordinator sees it on the board."),
        "done.start": _("Started."),
        "done.finish": _("Finished. Your scorecard is due now."),
        "done.running-late": _("The coordinator and your colleagues see it now."),
        "failed.unreachable": _("The server could not be reached. Nothing was changed."),
        "failed.stale": _(
            "This interview was changed a moment ago. See how it stands now, then decide again."
        ),
        "failed.unknown": _("That did not work. Nothing was changed."),
    }


def _list_texts() -> dict[str, str]:
    return {
        "due": _("Scorecards due"),
        "due.write": _("Write"),
        "due.continue": _("Continue"),
        "due.draft": _("draft saved"),
        "due.overdue": _("Overdue"),
        "due.overdue_hours": _("{number} h overdue"),
        "due.overdue_days": _("{number} d overdue"),
        "today": _("Today"),
        "today.left": _("{number} to go"),
        "over": _("Behind you today"),
        "later": _("Later"),
        "left_open": _("Never closed"),
        "left_open.help": _(
            "These were neither held nor cancelled. A coordinator can settle them."
        ),
        "yesterday": _("Yesterday"),
        "expected": _("expected {time}"),
        "empty": _("No interviews ahead"),
        "empty.help": _("A new one appears here the moment it is given to you."),
    }


def _notice_texts() -> dict[str, str]:
    return {
        "notices": _("Notices"),
        "notices.unread": _("{number} unread"),
        "notices.all_read": _("Mark all as read"),
        "notices.none": _("Nothing has happened yet."),
        "notices.older": _("Show earlier ones"),
        "notify.ask": _("Notify me in this browser"),
        "notify.on": _("This browser notifies you"),
        "notify.denied": _("This browser blocks notifications from this site."),
    }
