"""Reports on applications: funnel, time in stage, scheduling delay."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Min, OuterRef, Q, Subquery, When
from django.utils.translation import gettext as _

from interview.analytics.percentiles import count_and_percentiles
from interview.analytics.period import Period
from interview.analytics.report import Report, days
from interview.models import Interview, InterviewEvent
from jobs.models import Application, ApplicationEvent

Stage = Application.Stage
PIPELINE = (Stage.APPLIED, Stage.SCREENING, Stage.INTERVIEWING, Stage.OFFER, Stage.HIRED)
EXIT_STAGES = (Stage.REJECTED, Stage.WITHDRAWN)
AUDIT_LABEL = "jobs.application"
PLANNED = Q(interviews__events__action="create")


def funnel(period: Period) -> Report:
    """Returns how many of the period's applications reached each stage."""
    found = _furthest(period)
    total = found[Stage.APPLIED]
    rows = [
        (str(stage.label), found[stage], _percentage(found[stage], total))
        for stage in (*PIPELINE, *EXIT_STAGES)
    ]
    return Report(
        name="funnel",
        title=_("Funnel"),
        note=_(
            "Applications received in the period, by the furthest stage reached so far. Each stage"
            " includes those that went further. Rejected and withdrawn show the current stage."
        ),
        audit_label=AUDIT_LABEL,
        headings=[_("Stage"), _("Applications"), _("Share (%)")],
        rows=rows,
    )


def _furthest(period: Period) -> dict[str, int]:
    """Counts applications by stage: at least reached for PIPELINE, current for EXIT_STAGES."""
    ranks = [When(events__to_stage=stage, then=rank) for rank, stage in enumerate(PIPELINE)]
    furthest = Max(Case(*ranks, default=0, output_field=IntegerField()))
    received = Application.objects.filter(
        period.contains("created_at"), job__campaign=period.campaign
    )
    counts: dict[str, Any] = {
        stage: Count("pk", filter=Q(furthest__gte=rank)) for rank, stage in enumerate(PIPELINE)
    }
    counts |= {stage: Count("pk", filter=Q(stage=stage)) for stage in EXIT_STAGES}
    return received.annotate(furthest=furthest).aggregate(**counts)


def _percentage(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def stages(period: Period) -> Report:
    """Returns how long applications stayed in the stages they left within the period."""
    found = {row["to_stage"]: row for row in _stays(period)}
    rows = [
        (str(stage.label), row["number"], days(row["median"]), days(row["ninetieth"]), row["still"])
        for stage in PIPELINE
        if (row := found.get(stage))
    ]
    return Report(
        name="stages",
        title=_("Time in stage"),
        note=_(
            "Time from entering a stage to leaving it, for stages left in the period. The last"
            " column counts applications that are in the stage now."
        ),
        audit_label=AUDIT_LABEL,
        headings=[
            _("Stage"),
            _("Left the stage"),
            _("Median (days)"),
            _("90th percentile (days)"),
            _("In the stage now"),
        ],
        rows=rows,
        bar=2,
    )


def _stays(period: Period) -> Any:
    after = ApplicationEvent.objects.filter(
        application=OuterRef("application"), pk__gt=OuterRef("pk")
    )
    steps = ApplicationEvent.objects.filter(application__job__campaign=period.campaign)
    steps = steps.annotate(left_at=Subquery(after.order_by("pk").values("at")[:1]))
    stays = steps.annotate(stay=F("left_at") - F("at")).order_by().values("to_stage")
    still = Count("pk", filter=Q(left_at=None))
    return stays.annotate(
        still=still, **count_and_percentiles("stay", among=period.contains("left_at"))
    )


def delays(period: Period) -> Report:
    """Returns the time from application to first scheduling, and from scheduling to start."""
    ways = [
        (_("Application → first interview scheduled"), _until_planned(period)),
        (_("Interview scheduled → interview started"), _until_held(period)),
    ]
    rows = [
        (name, found["number"], days(found["median"]), days(found["ninetieth"]))
        for name, found in ways
        if found["number"]
    ]
    return Report(
        name="delays",
        title=_("Scheduling delay"),
        note=_(
            "First row: applications whose first interview was scheduled in the period. Second row:"
            " interviews that started in the period, from when they were first scheduled."
        ),
        audit_label=AUDIT_LABEL,
        headings=[_("From → to"), _("Cases"), _("Median (days)"), _("90th percentile (days)")],
        rows=rows,
        bar=2,
    )


def _until_planned(period: Period) -> dict[str, Any]:
    applications = Application.objects.filter(job__campaign=period.campaign)
    planned = applications.annotate(planned_at=Min("interviews__events__at", filter=PLANNED))
    asked = planned.filter(period.contains("planned_at"))
    return asked.annotate(delay=F("planned_at") - F("created_at")).aggregate(
        **count_and_percentiles("delay")
    )


def _until_held(period: Period) -> dict[str, Any]:
    planned = InterviewEvent.objects.filter(interview=OuterRef("pk"), action="create")
    held = Interview.objects.filter(period.contains("started_at"), campaign=period.campaign)
    held = held.annotate(planned_at=Subquery(planned.order_by("pk").values("at")[:1]))
    return held.annotate(delay=F("started_at") - F("planned_at")).aggregate(
        **count_and_percentiles("delay")
    )
