"""Texts of one interview: its actions, their results, the drawer and its forms."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Texts = dict[str, Promise]

ACTIONS: Texts = {
    "confirm": _("Confirm"),
    "excuse": _("Cannot come"),
    "check-in": _("Check in"),
    "start": _("Start"),
    "finish": _("Finish"),
    "no-show": _("No-show"),
    "cancel": _("Cancel interview"),
    "reschedule": _("Reschedule"),
    "reassign": _("Change interviewers"),
    "undo": _("Undo"),
    "confirm_no_show": _("Confirm no-show"),
}

DONE: Texts = {
    "done_confirm": _("{candidate}: confirmed"),
    "done_excuse": _("{candidate}: cannot come"),
    "done_check-in": _("{candidate}: checked in"),
    "done_start": _("{candidate}: started"),
    "done_finish": _("{candidate}: finished"),
    "done_no-show": _("{candidate}: no-show"),
    "done_cancel": _("{candidate}: cancelled"),
    "done_reschedule": _("{candidate}: rescheduled"),
    "done_reassign": _("{candidate}: interviewers changed"),
    "done_undo": _("{candidate}: undone"),
    "done_shift": _("{room}: shifted by {minutes} min"),
    "done_shift_undo": _("{room}: shift undone"),
    "nothing_to_undo": _("You have nothing to undo"),
    "failed_network": _("The server did not respond. Check the result before you try again."),
    "failed_forbidden": _("You do not have permission to do this."),
    "failed_gone": _("This interview no longer exists."),
    "failed_other": _("Something went wrong ({status}). Try again."),
}

DRAWER: Texts = {
    "close": _("Close"),
    "actions": _("Actions"),
    "details": _("Details"),
    "people": _("People"),
    "scorecards": _("Scorecards"),
    "timeline": _("What happened"),
    "timeline_none": _("Nothing yet"),
    "notices": _("Notices"),
    "notice_read": _("read"),
    "notice_unread": _("unread"),
    "messages": _("Messages sent"),
    "calendar_request": _("calendar invite sent"),
    "calendar_cancel": _("calendar invite cancelled"),
    "full_page": _("Open as a page"),
    "when": _("When"),
    "where": _("Where"),
    "arrived_at": pgettext_lazy("time", "Arrived"),
    "started_at": _("Started"),
    "finished_at": _("Finished"),
    "expected_at": _("Expected"),
    "reason": _("Reason"),
    "side": _("Side"),
    "side_candidate": _("Candidate"),
    "side_interviewer": _("Interviewer"),
    "side_company": _("Company"),
    "response_pending": _("Not answered"),
    "response_accepted": _("Accepted"),
    "response_declined": _("Declined"),
    "scorecard_none": _("Not started"),
    "scorecard_draft": _("Draft"),
    "scorecard_submitted": _("Submitted"),
    "scorecard_dismissed": _("Did not attend"),
    "late_by": _("Late by {minutes} min"),
    "feedback_count": _("{in} of {due} submitted"),
    "gone": _("This interview is no longer on the board."),
}

FORMS: Texts = {
    "keep": _("Back"),
    "send_no-show": _("Confirm no-show"),
    "send_excuse": _("Record"),
    "send_cancel": _("Cancel interview"),
    "send_reschedule": _("Reschedule"),
    "send_reassign": _("Change interviewers"),
    "form_day": _("Day"),
    "form_start": _("Start"),
    "form_end": _("End"),
    "form_room": _("Room"),
    "form_reason": _("Reason"),
    "form_side": _("Side responsible"),
    "form_remove": _("Remove"),
    "form_add": _("Add"),
    "form_reason_help": _(
        "If you give a reason, you can also choose interviewers who are booked or busy."
    ),
    "form_moved": _("Rescheduled on the board"),
    "suggestions_none": _("There are no other interviewers."),
    "suggestion_free": _("free · {load} of {limit} today"),
    "suggestion_busy": _("already booked · {load} of {limit} today"),
    "clash_with": _("Overlaps with {candidate}, {time}"),
    "room_is_free": _("The room is free at that time."),
    "reason_swap": _("Did not arrive in time"),
    "reason_declined": _("Declined"),
    "conflict": _("Somebody else has changed this interview"),
    "conflict_what": _("What"),
    "conflict_seen": _("You saw"),
    "conflict_now": _("Now"),
    "conflict_again": _("Do it anyway"),
    "conflict_leave": _("Discard my change"),
    "shift_title": _("Shift room {room}"),
    "shift_minutes": _("Minutes"),
    "shift_send": _("Shift by {minutes} min"),
    "shift_preview": _("Interviews to be shifted"),
}
