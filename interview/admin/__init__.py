"""The admin of interview days: to look things up and to tell people. Steps are taken on the board,
where the state machine, the clashes and the notices are.
"""

from django.db.models import Q

from interview.admin import deliveries, interviews, places, reminders, robots, scorecards
from jobs.admin import candidates

# An interviewer may look up the candidates he interviews.
candidates.CANDIDATE_DOORS.append(
    lambda user: Q(applications__interviews__assignments__interviewer=user.pk)
)

__all__ = ["deliveries", "interviews", "places", "reminders", "robots", "scorecards"]
