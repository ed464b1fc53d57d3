"""Export tables of applications, interviews and scorecards, with names instead of ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interview.api.filters import InterviewFilter
from interview.models import Interview, Scorecard
from interview.models.labels import localized_name
from interview.models.querysets import InterviewQuerySet
from interview.rules.permissions import readable_scorecards
from interview.views.application_filter import ApplicationFilter
from jobs.exports.tables import Column, Filters, Table, register, validated_filters
from jobs.models import Application
from jobs.models.applications import ApplicationQuerySet
from realtime.display_names import display_name


def register_tables() -> None:
    for table in (APPLICATIONS, INTERVIEWS, SCORECARDS):
        register(table)


def applications(user: Any, filters: Filters) -> ApplicationQuerySet:
    """The applications that match the filters of the applications page."""
    form = ApplicationFilter(user, dict(filters))
    validated_filters(form)
    return form.results().select_related("candidate", "job__campaign")


def interviews(user: Any, filters: Filters) -> InterviewQuerySet:
    """The interviews that match the filters of the API list."""
    visible = Interview.objects.visible_to(user)
    found = InterviewFilter(dict(filters), queryset=visible)
    validated_filters(found.form)
    narrowed: InterviewQuerySet = found.qs
    return narrowed.for_rows()


def scorecards(user: Any, filters: Filters) -> QuerySet[Scorecard]:
    """The readable scorecards of the interviews that match the filters."""
    of_these = interviews(user, filters).order_by().values("pk")
    found = readable_scorecards(user).filter(interview__in=of_these)
    return found.select_related(
        "interview__campaign",
        "interview__round",
        "interview__application__candidate",
        "interview__application__job",
        "interviewer",
    ).prefetch_related("scores__criterion")


def _moment(name: str, campaign: str) -> Callable[[Any], datetime | None]:
    """A column getter: a time in the campaign's time zone. name, campaign: attribute paths."""

    def local(row: Any) -> datetime | None:
        moment: datetime | None = attrgetter(name)(row)
        return moment and moment.astimezone(ZoneInfo(attrgetter(campaign)(row).time_zone))

    return local


def _people(interview: Interview) -> str:
    return ", ".join(display_name(part.interviewer) for part in interview.assignment_list())


def _scores(card: Scorecard) -> str:
    ordered = sorted(card.scores.all(), key=lambda score: score.criterion.position)
    return "; ".join(f"{localized_name(score.criterion)}: {score.score}" for score in ordered)


CANDIDATE = Column(_("Candidate"), attrgetter("application.candidate.name"))
JOB = Column(_("Job"), attrgetter("application.job.title"))

APPLICATIONS = Table(
    name="applications",
    title=_("Applications"),
    label="jobs.application",
    candidate=attrgetter("candidate"),
    rows=applications,
    columns=(
        Column(_("Candidate"), attrgetter("candidate.name")),
        Column(_("Mobile"), attrgetter("candidate.mobile")),
        Column(_("E-mail"), attrgetter("candidate.email")),
        Column(_("Job"), attrgetter("job.title")),
        Column(_("Campaign"), attrgetter("job.campaign.name")),
        Column(_("Stage"), Application.get_stage_display),
        Column(_("Applied on"), _moment("created_at", "job.campaign")),
    ),
)
INTERVIEWS = Table(
    name="interviews",
    title=_("Interviews"),
    label="interview.interview",
    candidate=attrgetter("application.candidate"),
    rows=interviews,
    columns=(
        CANDIDATE,
        JOB,
        Column(_("Campaign"), attrgetter("campaign.name")),
        Column(_("Round"), lambda interview: localized_name(interview.round)),
        Column(_("Room"), attrgetter("room.name")),
        Column(_("Interviewers"), _people),
        Column(_("Starts at"), _moment("starts_at", "campaign")),
        Column(_("Ends at"), _moment("ends_at", "campaign")),
        Column(_("Status"), Interview.get_status_display),
        Column(_("Arrived at"), _moment("arrived_at", "campaign")),
        Column(_("Started at"), _moment("started_at", "campaign")),
        Column(_("Finished at"), _moment("finished_at", "campaign")),
        Column(_("Reason"), attrgetter("reason")),
    ),
)
SCORECARDS = Table(
    name="scorecards",
    title=_("Scorecards"),
    label="interview.scorecard",
    candidate=attrgetter("interview.application.candidate"),
    rows=scorecards,
    columns=(
        Column(CANDIDATE.heading, attrgetter("interview.application.candidate.name")),
        Column(JOB.heading, attrgetter("interview.application.job.title")),
        Column(_("Round"), lambda card: localized_name(card.interview.round)),
        Column(_("Interviewer"), lambda card: display_name(card.interviewer)),
        Column(_("Recommendation"), Scorecard.get_recommendation_display),
        Column(pgettext_lazy("of a scorecard", "Scores"), _scores),
        Column(_("Strengths"), attrgetter("strengths")),
        Column(_("Concerns"), attrgetter("concerns")),
        Column(_("Submitted at"), _moment("submitted_at", "interview.campaign")),
    ),
)
