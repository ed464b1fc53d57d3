"""The admin of interview days: to look things up and to tell people. Steps are taken on the board,
where the state machine, the clashes and the notices are.
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
from jobs.admin import candidates

# An interviewer may look up the candidates he interviews.
candidates.CANDIDATE_VISIBILITY_RULES.append(
    lambda user: Q(applications__interviews__assignments__interviewer=user.pk)
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
