"""Limits of user input and of deadlines, used by services, API, forms and their texts.

Change a limit only here. Thresholds of flags are in `flags`.
"""

from __future__ import annotations

from datetime import timedelta

from monitoring.http.dates import ALLOWED_YEARS as ALLOWED_YEARS
from monitoring.http.dates import YEAR_BOUNDS as YEAR_BOUNDS

MIN_DURATION_MINUTES = 5
MAX_DURATION_MINUTES = 12 * 60
MAX_DAYS_IN_PAST = 366
"""An interview can be entered after it took place; an older date is a typing error."""

UNDO_WITHIN = timedelta(minutes=10)

MAX_SNOOZE_MINUTES = 24 * 60
"""The longest time for which a card that needs action can be put off."""

CHECK_IN_LEAD_MINUTES = 90
"""A check-in is the likely next step of an interview from so long before its start."""

MAX_LATE_MINUTES = 120
"""The longest delay that an interviewer can announce."""
MAX_SHIFT_MINUTES = 240
"""The largest shift of a room, earlier or later."""

MAX_OFFERED_TIMES = 6
MAX_CANDIDATE_RESCHEDULES = 2
"""How often a candidate can reschedule one interview themselves."""
OFFER_LEAD_TIME = timedelta(hours=2)
"""A candidate can select a time until this long before the current start and before the new one."""
EXCUSE_LEAD_TIME = timedelta(hours=2)
"""A candidate can excuse themselves until this long before the start; later, people are on their
way."""

DAILY_LOAD_LIMIT = 8
"""Interviews per interviewer and day; more would reduce the quality of the assessments."""
BUFFER_MINUTES = 5
"""Time between two interviews of one person, to take notes and to change rooms."""

WALKING_MINUTES = 5
"""Time that a candidate needs to walk from one room to another. Video calls need none."""

MAX_INTERVIEWERS = 20
"""Interviewers of one interview, as the API accepts them."""
