"""Services: the only code that changes interviews, rooms and scorecards.

Pages, API, admin, tasks and commands call them. Every service is keyword-only and runs in one
transaction; notices, messages and change markers are written in it and become visible on commit.
"""

from interview.services.application_withdrawal import application_withdraw
from interview.services.calendars import calendar_close, calendar_renew
from interview.services.conflict_checks import preview_conflicts
from interview.services.contacts import contacts_look_up
from interview.services.follow_ups import follow_up_end, follow_up_save
from interview.services.interview_day import (
    interview_cancel,
    interview_check_in,
    interview_confirm,
    interview_excuse,
    interview_finish,
    interview_no_show,
    interview_report_missing,
    interview_start,
)
from interview.services.interviewer_responses import (
    interview_accept,
    interview_decline,
    interview_running_late,
)
from interview.services.messages import deliveries_resend, message_send_test
from interview.services.notices import notices_read
from interview.services.notification_settings import notice_settings_save
from interview.services.offered_times import interview_choose_time, interview_offer_times
from interview.services.rooms import StaleRoom, room_save, room_shift, room_update
from interview.services.scheduling import (
    interview_create,
    interview_reassign,
    interview_reschedule,
    suggest_interviewers,
)
from interview.services.scorecard_amendments import scorecard_amend
from interview.services.scorecards import scorecard_dismiss, scorecard_save
from interview.services.transitions import StaleVersion
from interview.services.undo import interview_undo

__all__ = [
    "StaleRoom",
    "StaleVersion",
    "application_withdraw",
    "calendar_close",
    "calendar_renew",
    "contacts_look_up",
    "deliveries_resend",
    "follow_up_end",
    "follow_up_save",
    "interview_accept",
    "interview_cancel",
    "interview_check_in",
    "interview_choose_time",
    "interview_confirm",
    "interview_create",
    "interview_decline",
    "interview_excuse",
    "interview_finish",
    "interview_no_show",
    "interview_offer_times",
    "interview_reassign",
    "interview_report_missing",
    "interview_reschedule",
    "interview_running_late",
    "interview_start",
    "interview_undo",
    "message_send_test",
    "notice_settings_save",
    "notices_read",
    "preview_conflicts",
    "room_save",
    "room_shift",
    "room_update",
    "scorecard_amend",
    "scorecard_dismiss",
    "scorecard_save",
    "suggest_interviewers",
]
