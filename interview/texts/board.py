"""Texts of the board: its header, cards, action list, task tray and keyboard shortcuts."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Texts = dict[str, Promise]

HEAD: Texts = {
    "day_before": _("Previous day"),
    "day_after": _("Next day"),
    "day_today": _("Today"),
    "day_choose": _("Choose a day"),
    "views": pgettext_lazy("board", "View"),
    "view_rooms": _("Rooms"),
    "view_status": _("Status"),
    "view_list": _("List"),
    "search": _("Name, pinyin, phone end"),
    "watching": _("Also watching: {names}"),
    "count_all": _("in total"),
    "counters": _("Counters for the day"),
    "filters": _("Filters"),
    "filter_round": _("Round"),
    "filter_job": _("Job"),
    "filter_rooms": _("My rooms"),
    "filter_clear": _("Clear filters"),
    "shown": _("{shown} of {all} shown"),
}

CARDS: Texts = {
    "loading": _("Loading the board…"),
    "empty_day": _("No interviews on this day"),
    "empty_day_hint": _("The next interviews are on {day}."),
    "empty_day_before": _("The last interviews before it are on {day}."),
    "empty_day_none": _("Interviews appear here as soon as they are scheduled."),
    "empty_filter": _("No matching interviews"),
    "empty_filter_hint": _("Try other search words or fewer filters."),
    "go_there": _("Go to that day"),
    "rooms_grid": _("Rooms by time"),
    "room": _("Room"),
    "room_late": _("+{minutes} min"),
    "room_on_time": _("on time"),
    "room_free": _("free"),
    "room_video": _("video"),
    "round_short": _("R{number}"),
    "expected": _("expected {time}"),
    "expected_chip": _("→ {time}"),
    "open_by": _("{names} has this open"),
    "columns": _("Interviews by status"),
    "nobody_here": _("None"),
    "list": _("Interviews of the day"),
    "column_time": _("Time"),
    "column_candidate": _("Candidate"),
    "column_job": _("Job"),
    "column_round": _("Round"),
    "column_room": _("Room"),
    "column_interviewers": _("Interviewers"),
    "column_status": _("Status"),
    "column_flags": _("Attention"),
    "column_feedback": _("Scorecards"),
}

ACTION_LIST: Texts = {
    "action_list": _("Needs action"),
    "action_list_empty": _("Nothing needs action"),
    "action_list_empty_hint": _("Anything that needs your action appears here."),
    "action_interviewer_missing": _("{candidate} waits in {room} for {people}."),
    "action_candidate_missing": _("{candidate} · {job}, {round} · {room}"),
    "action_room_late": _("Room {room} runs {minutes} min late"),
    "action_room_late_text": _("{running} is still in {room}. {candidate} would start {time}."),
    "action_affected": _("{count} affected"),
    "action_overrun": _("{candidate} is still in {room}."),
    "action_late": _("{candidate} should have started in {room} at {time}."),
    "action_declined": _("{people} declined {candidate}."),
    "action_declined_reason": _("{people} declined {candidate}: “{reason}”"),
    "action_excused": _("{candidate} cannot come to {room} at {time}."),
    "action_excused_reason": _("{candidate} cannot come to {room} at {time}: “{reason}”"),
    "action_clash": _("{candidate} or {people}: double-booked at {time}."),
    "action_feedback_overdue": _("{candidate}, {round}: waiting for {people}."),
    "action_nobody_attended": _(
        "{candidate}, {round}: no interviewer attended, so no scorecard will follow."
    ),
    "action_unconfirmed": _("{candidate} · {room}"),
    "swap_in": _("Swap in {name}"),
    "swap": _("Swap interviewer"),
    "others": _("Others"),
    "shift_room": _("Shift room +{minutes}"),
    "open": _("Open"),
}

TRAY: Texts = {
    "tray": _("Running tasks"),
    "tray_idle": _("No tasks are running"),
    "tray_all": _("All tasks"),
    "task_queued": _("Waiting"),
    "task_running": _("Running"),
    "task_succeeded": _("Succeeded"),
    "task_failed": _("Failed"),
    "task_cancelled": _("Cancelled"),
    "task_of": _("{done} of {total}"),
    "task_rate": _("{rate}/s"),
    "task_left": _("{time} left"),
    "task_left_seconds": _("{seconds} s left"),
    "task_problems": _("{count} problems"),
    "task_cancel": _("Cancel"),
    "task_result": _("Result"),
    "task_dismiss": _("Dismiss"),
}

KEYS: Texts = {
    "help": _("Keyboard shortcuts"),
    "keys_hint": _("Shortcuts: ?"),
    "key_search": _("Search"),
    "key_arrows": _("Move between cards"),
    "key_enter": _("Open the card"),
    "key_check-in": _("Check in"),
    "key_start": _("Start"),
    "key_finish": _("Finish"),
    "key_undo": _("Undo your actions, the last one first"),
    "key_views": _("Rooms, status, list"),
    "key_today": _("Today"),
    "key_days": _("Previous and next day"),
    "key_help": _("Show this help"),
    "key_escape": _("Close, or clear the search"),
}
