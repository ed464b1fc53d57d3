"""How far applications come, and how long they take."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Min, OuterRef, Q, Subquery, When
from django.utils.translation import gettext as _

from interview.analytics.blocks import Block, days
from interview.analytics.percentiles import spread
from interview.analytics.period import Period
from interview.models import Interview, InterviewEvent
from jobs.models import Application, ApplicationEvent

Stage = Application.Stage
WAY = (Stage.APPLIED, Stage.SCREENING, Stage.INTERVIEWING, Stage.OFFER, Stage.HIRED)
ENDS = (Stage.REJECTED, Stage.WITHDRAWN)
LABEL = "jobs.application"
PLANNED = Q(interviews__events__action="create")


def funnel(period: Period) -> Block:
    """Of the applications of the period, how many came at least to each stage."""
    found = _furthest(period)
    everybody = found[Stage.APPLIED]
    rows = [
        (str(stage.label), found[stage], _percentage(found[stage], everybody))
        for stage in (*WAY, *ENDS)
    ]
    return Block(
        name="funnel",
        title=_("Funnel"),
        note=_(
            "Applications that came in during the period, by the furthest stage their history has"
            " reached by now; who went on has passed the stages before. Rejected and withdrawn:"
            " where they stand now."
        ),
        label=LABEL,
        headings=[_("Stage"), _("Applications"), _("Share in percent")],
        rows=rows,
    )


def _furthest(period: Period) -> dict[str, int]:
    """Applications by stage: those that came that far, and those that have ended so."""
    ranks = [When(events__to_stage=stage, then=rank) for rank, stage in enumerate(WAY)]
    furthest = Max(Case(*ranks, default=0, output_field=IntegerField()))
    came = Application.objects.filter(period.holds("created_at"), job__campaign=period.campaign)
    counts: dict[str, Any] = {
        stage: Count("pk", filter=Q(furthest__gte=rank)) for rank, stage in enumerate(WAY)
    }
    counts |= {stage: Count("pk", filter=Q(stage=stage)) for stage in ENDS}
    return came.annotate(furthest=furthest).aggregate(**counts)


def _percentage(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def stages(period: Period) -> Block:
    """How long applications stayed in each stage that they left within the period."""
    found = {row["to_stage"]: row for row in _stays(period)}
    rows = [
        (str(stage.label), row["number"], days(row["median"]), days(row["ninetieth"]), row["still"])
        for stage in WAY
        if (row := found.get(stage))
    ]
    return Block(
        name="stages",
        title=_("Time in stage"),
        note=_(
            "Stays that ended during the period, each from the step into the stage to the next"
            " step. In the last column those who are there now and have gone no further."
        ),
        label=LABEL,
        headings=[
            _("Stage"),
            _("Stays ended"),
            _("Median (days)"),
            _("90th percentile (days)"),
            _("There now"),
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
    return stays.annotate(still=still, **spread("stay", among=period.holds("left_at")))


def delays(period: Period) -> Block:
    """How long it takes from an application to a plan, and from there to the conversation."""
    ways = [
        (_("Application → first interview planned"), _until_planned(period)),
        (_("Interview planned → takes place"), _until_held(period)),
    ]
    rows = [
        (name, found["number"], days(found["median"]), days(found["ninetieth"]))
        for name, found in ways
        if found["number"]
    ]
    return Block(
        name="delays",
        title=_("Scheduling delay"),
        note=_(
            "First: applications whose first interview was planned during the period. Second:"
            " interviews that began during the period, from when they were first planned."
        ),
        label=LABEL,
        headings=[_("From → to"), _("Cases"), _("Median (days)"), _("90th percentile (days)")],
        rows=rows,
        bar=2,
    )


def _until_planned(period: Period) -> dict[str, Any]:
    applications = Application.objects.filter(job__campaign=period.campaign)
    planned = applications.annotate(planned_at=Min("interviews__events__at", filter=PLANNED))
    asked = planned.filter(period.holds("planned_at"))
    return asked.annotate(delay=F("planned_at") - F("created_at")).aggregate(**spread("delay"))


def _until_held(period: Period) -> dict[str, Any]:
    planned = InterviewEvent.objects.filter(interview=OuterRef("pk"), action="create")
    held = Interview.objects.filter(period.holds("started_at"), campaign=period.campaign)
    held = held.annotate(planned_at=Subquery(planned.order_by("pk").values("at")[:1]))
    return held.annotate(delay=F("started_at") - F("planned_at")).aggregate(**spread("delay"))
