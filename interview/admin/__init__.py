"""Admin pages of interviews and messages, mostly read-only.

Interviews are changed on the board, where the state machine, conflict checks and notices apply.
"""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from interview.admin import (
    deliveries,
    dingtalk_robots,
    interviews,
    reminders,
    rooms_and_rounds,
    scorecards,
)
from interview.admin.notify_action import may_notify, notify_of_candidates
from interview.models import Interview
from jobs.admin import candidates

# Interviewers may see the candidates they interview, unless they have declined.
candidates.CANDIDATE_VISIBILITY_RULES.append(
    lambda user: Q(pk__in=Interview.objects.of_interviewer(user).values("application__candidate"))
)

candidates.CANDIDATE_ACTIONS.append(
    candidates.CandidateAction(
        "notify_interviewers", _("Notify interviewers"), may_notify, notify_of_candidates
    )
)

__all__ = [
    "deliveries",
    "dingtalk_robots",
    "interviews",
    "reminders",
    "rooms_and_rounds",
    "scorecards",
]
