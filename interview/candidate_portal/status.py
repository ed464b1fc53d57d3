"""What an applicant's own page says: how far his application is, and when and where to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interview.models import Interview, OfferedTime
from interview.models.states import NOT_ARRIVED, WAITING, Side, Status
from interview.rules.limits import EXCUSE_LEAD_TIME
from interview.services.offered_times import selectable_times
from jobs.applications.models import submission_of
from jobs.applications.services import CLOSED_STAGES
from jobs.models import Application
from jobs.openings.search import public_openings

Stage = Application.Stage
LINE = (
    (Stage.APPLIED, _("Received")),
    (Stage.SCREENING, pgettext_lazy("step", "Review")),
    (Stage.INTERVIEWING, _("Interviews")),
    (Stage.OFFER, _("Decision")),
)
WORDS = {
    Stage.APPLIED: (
        _("We have your application"),
        _("Somebody who knows the work will read it soon. You need to do nothing."),
    ),
    Stage.SCREENING: (
        _("Your application is being read"),
        _("We look at what you bring along, and get in touch either way."),
    ),
    Stage.INTERVIEWING: (
        _("We would like to meet you"),
        _("When and where stands here as soon as it is settled."),
    ),
    Stage.OFFER: (
        _("We would like to work with you"),
        _("We are getting in touch about the details."),
    ),
    Stage.HIRED: (_("Welcome"), _("We look forward to working with you.")),
    Stage.REJECTED: (
        _("It did not work out this time"),
        _("Others fit this opening more closely. Thank you for the time you took for us."),
    ),
    Stage.WITHDRAWN: (
        _("You have withdrawn your application"),
        _("Nothing more will happen with it. We would be glad to hear from you again."),
    ),
}
OVER = {
    Status.IN_PROGRESS: _("It is under way."),
    Status.FEEDBACK_DUE: _("Thank you for coming. You will hear from us."),
    Status.COMPLETED: _("Thank you for coming. You will hear from us."),
    Status.CANCELLED: _("It does not take place."),
    Status.NO_SHOW: _("We did not meet."),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One step of the line: done, now or ahead."""

    label: str | Promise
    state: str


def line_of(application: Application) -> list[Point]:
    """Nothing of it for what has come to an end that nobody celebrates."""
    stage = Stage(application.stage)
    if stage in {Stage.REJECTED, Stage.WITHDRAWN}:
        return []
    reached = [one for one, _label in LINE].index(Stage.OFFER if stage == Stage.HIRED else stage)
    done = len(LINE) if stage == Stage.HIRED else reached
    states = ["done"] * done + ["now"] + ["ahead"] * len(LINE)
    return [Point(label, state) for (_stage, label), state in zip(LINE, states, strict=False)]


@dataclass(frozen=True, slots=True)
class Visit:
    """One interview as its candidate sees it at this moment."""

    interview: Interview
    now: datetime

    @property
    def is_ahead(self) -> bool:
        return self.interview.status in WAITING

    @property
    def is_excused(self) -> bool:
        return self._is_expected and self.interview.side == Side.CANDIDATE

    @property
    def may_confirm(self) -> bool:
        is_open = self.interview.status == Status.SCHEDULED
        return is_open and self.now < self.interview.starts_at

    @property
    def times(self) -> list[OfferedTime]:
        """What he may choose from."""
        return selectable_times(self.interview) if self._is_expected else []

    @property
    def may_be_excused(self) -> bool:
        in_time = self.now < self.interview.starts_at - EXCUSE_LEAD_TIME
        return self._is_expected and not self.is_excused and in_time

    @property
    def over(self) -> str | Promise:
        """What became of it."""
        return OVER.get(Status(self.interview.status), "")

    @property
    def _is_expected(self) -> bool:
        return self.interview.status in NOT_ARRIVED


def visits_of(application: Application) -> list[Visit]:
    """The nearest first, then what is over."""
    now = timezone.now()
    interviews = application.interviews.select_related("room", "campaign", "round")
    visits = [Visit(interview, now) for interview in interviews.order_by("starts_at", "pk")]
    return sorted(visits, key=lambda visit: not visit.is_ahead)


def greeting_of(application: Application) -> str:
    """What he called himself; of one who did not apply by himself, what we call him."""
    submission = submission_of(application)
    return str(submission.entries.get("name", "") if submission else application.candidate.name)


def may_withdraw(application: Application) -> bool:
    return application.stage not in CLOSED_STAGES


def may_return(application: Application) -> bool:
    """Whether he has withdrawn, and the opening still takes applications: his, too."""
    is_withdrawn = application.stage == Stage.WITHDRAWN
    return is_withdrawn and public_openings().filter(pk=application.job_id).exists()
