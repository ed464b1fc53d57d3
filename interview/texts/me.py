"""The texts of the script of "My interviews". Translated here because gettext runs in Python."""

from __future__ import annotations

from django.utils.translation import gettext as _

from interview.models import InterviewAssignment, Notification
from interview.models.states import Status
from realtime.background.texts import live_texts


def me_texts() -> dict[str, str]:
    """Returns key → text in the active language. The script fills in `{placeholders}`."""
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
        "next.over": _("{minutes} min over"),
        "next.expected": _(
            "Expected to start at {time} because an earlier interview is running late"
        ),
        "fact.place": _("Place"),
        "fact.link": _("Join the call"),
        "fact.resume": _("Résumé"),
        "fact.resume_open": _("Open the résumé"),
        "fact.partners": _("With"),
        "fact.alone": _("Only you"),
        "fact.briefing": _("Background"),
        "fact.criteria": _("Criteria"),
        "details": _("All details"),
        "separator": _(", "),
        "flag.declined": _("A colleague has declined"),
        "flag.clash": _("You are double-booked at this time"),
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
        "decline.reason": _("Why can't you attend?"),
        "decline.send": _("Send and decline"),
        "decline.keep": _("Keep the interview"),
        "done.accept": _("Accepted."),
        "done.decline": _("Declined. The coordinator sees it on the board."),
        "done.start": _("Started."),
        "done.finish": _("Finished. Your scorecard is due now."),
        "done.running-late": _("The coordinator and your colleagues see it now."),
        "failed.unreachable": _("The server could not be reached. Nothing was changed."),
        "failed.signed_out": _("You are signed out. Sign in and try again."),
        "failed.stale": _("This interview has just changed. Check it and try again."),
        "failed.unknown": _("Something went wrong. Nothing was changed."),
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
        "over": _("Finished today"),
        "later": _("Later"),
        "left_open": _("Not closed"),
        "left_open.help": _(
            "These interviews were neither held nor cancelled. Ask a coordinator to close them."
        ),
        "yesterday": _("Yesterday"),
        "expected": _("expected {time}"),
        "empty": _("No interviews ahead"),
        "empty.help": _("New interviews appear here as soon as they are assigned to you."),
    }


def _notice_texts() -> dict[str, str]:
    return {
        "notices": _("Notices"),
        "notices.unread": _("{number} unread"),
        "notices.all_read": _("Mark all as read"),
        "notices.none": _("No notices yet."),
        "notices.older": _("Show earlier notices"),
        "notify.ask": _("Notify me in this browser"),
        "notify.on": _("This browser notifies you"),
        "notify.denied": _("This browser blocks notifications from this site."),
    }
