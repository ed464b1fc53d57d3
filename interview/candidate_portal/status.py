"""Content of the candidate portal: the status of the application and its interviews.

Read-only; the actions are in `views`.
"""

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
from jobs.applications.services import CLOSED_STAGES
from jobs.models import Application, ErasureRequest
from jobs.models.submissions import submission_of
from jobs.openings.search import public_openings
from jobs.privacy.erasure_requests import requests_of_page

Stage = Application.Stage
PROGRESS_STEPS = (
    (Stage.APPLIED, _("Received")),
    (Stage.SCREENING, pgettext_lazy("step", "Review")),
    (Stage.INTERVIEWING, _("Interviews")),
    (Stage.OFFER, _("Decision")),
)
STAGE_TEXTS = {
    Stage.APPLIED: (
        _("We have your application"),
        _("Our team will review it soon. There is nothing you need to do now."),
    ),
    Stage.SCREENING: (
        _("Your application is under review"),
        _("We are reviewing your profile and will contact you either way."),
    ),
    Stage.INTERVIEWING: (
        _("We would like to meet you"),
        _("The time and place will appear here as soon as they are set."),
    ),
    Stage.OFFER: (
        _("We would like to work with you"),
        _("We will contact you about the details."),
    ),
    Stage.HIRED: (_("Welcome"), _("We look forward to working with you.")),
    Stage.REJECTED: (
        _("It did not work out this time"),
        _("Other candidates were a closer match for this opening. Thank you for your time."),
    ),
    Stage.WITHDRAWN: (
        _("You have withdrawn your application"),
        _("We have closed it. We would be glad to hear from you again."),
    ),
}
OUTCOME_TEXTS = {
    Status.IN_PROGRESS: _("In progress."),
    Status.FEEDBACK_DUE: _("Thank you for coming. You will hear from us."),
    Status.COMPLETED: _("Thank you for coming. You will hear from us."),
    Status.CANCELLED: _("This interview was cancelled."),
    Status.NO_SHOW: _("This interview did not take place."),
}


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One step of the progress bar. state: "done", "now" or "ahead"."""

    label: str | Promise
    state: str


def progress_of(application: Application) -> list[ProgressStep]:
    """Returns the steps of the progress bar; none for a rejected or withdrawn application."""
    stage = Stage(application.stage)
    if stage in {Stage.REJECTED, Stage.WITHDRAWN}:
        return []
    reached = [one for one, _label in PROGRESS_STEPS].index(
        Stage.OFFER if stage == Stage.HIRED else stage
    )
    done = len(PROGRESS_STEPS) if stage == Stage.HIRED else reached
    states = ["done"] * done + ["now"] + ["ahead"] * len(PROGRESS_STEPS)
    return [
        ProgressStep(label, state)
        for (_stage, label), state in zip(PROGRESS_STEPS, states, strict=False)
    ]


@dataclass(frozen=True, slots=True)
class CandidateInterview:
    """One interview as the candidate sees it now, with the actions open to them."""

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
        """The other times the candidate may choose."""
        return selectable_times(self.interview) if self._is_expected else []

    @property
    def may_be_excused(self) -> bool:
        in_time = self.now < self.interview.starts_at - EXCUSE_LEAD_TIME
        return self._is_expected and not self.is_excused and in_time

    @property
    def outcome(self) -> str | Promise:
        """The text for an interview that has begun or is over, else an empty string."""
        return OUTCOME_TEXTS.get(Status(self.interview.status), "")

    @property
    def _is_expected(self) -> bool:
        return self.interview.status in NOT_ARRIVED


def interviews_of(application: Application) -> list[CandidateInterview]:
    """Returns upcoming interviews by start time, then past ones."""
    now = timezone.now()
    interviews = application.interviews.select_related("room", "campaign", "round")
    shown = [
        CandidateInterview(interview, now) for interview in interviews.order_by("starts_at", "pk")
    ]
    return sorted(shown, key=lambda entry: not entry.is_ahead)


def greeting_of(application: Application) -> str:
    """Returns the name the candidate entered when applying, else the name on file."""
    submission = submission_of(application)
    return str(submission.entries.get("name", "") if submission else application.candidate.name)


def latest_erasure_request(application: Application) -> ErasureRequest | None:
    """Returns the open request for erasure of this page, or the answer to a declined one."""
    shown = (ErasureRequest.State.OPEN, ErasureRequest.State.DECLINED)
    latest = requests_of_page(application).order_by("-asked_at", "-pk").first()
    return latest if latest is not None and latest.state in shown else None


def may_withdraw(application: Application) -> bool:
    return application.stage not in CLOSED_STAGES


def may_return(application: Application) -> bool:
    """True if the candidate has withdrawn and the opening still accepts applications."""
    is_withdrawn = application.stage == Stage.WITHDRAWN
    return is_withdrawn and public_openings().filter(pk=application.job_id).exists()
