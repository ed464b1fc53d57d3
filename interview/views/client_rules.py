"""Rules of the domain that scripts apply as well, for the configuration of a page.

Scripts read them in `static/interview/rules.js`, so that no status set, threshold or limit is
written a second time. The scripts' own tests use `tests/vectors/rules.json`, which a test compares
with these.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from interview.models import Interview, Scorecard
from interview.models.states import ENDED, NOT_TAKING_PLACE, WAITING
from interview.rules.delays import LATE_ROOM_MINUTES
from interview.rules.flags import FEEDBACK_OVERDUE_AFTER
from interview.rules.limits import CHECK_IN_LEAD_MINUTES, MAX_SHIFT_MINUTES


def client_rules() -> dict[str, Any]:
    """Status sets as sorted lists, limits in the unit of their name."""
    return {
        "waiting": sorted(WAITING),
        "ended": sorted(ENDED),
        "not_taking_place": sorted(NOT_TAKING_PLACE),
        "settled_scorecards": sorted(Scorecard.State.settled()),
        "feedback_overdue_minutes": FEEDBACK_OVERDUE_AFTER // timedelta(minutes=1),
        "late_room_minutes": LATE_ROOM_MINUTES,
        "shift_limit_minutes": MAX_SHIFT_MINUTES,
        "check_in_lead_minutes": CHECK_IN_LEAD_MINUTES,
        "reason_length": Interview._meta.get_field("reason").max_length,
    }
