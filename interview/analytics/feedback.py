"""The report on feedback turnaround: how soon scorecards follow an interview, not their content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, DurationField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from interview.analytics.percentiles import count_and_percentiles
from interview.analytics.period import Period
from interview.analytics.report import Report, ReportRow, hours
from interview.models import InterviewAssignment, RoundTemplate, Scorecard
from interview.models.labels import localized_name

SOON = timedelta(hours=24)
AT_ONCE = timedelta(0)  # a scorecard may be submitted before the interview is marked as finished


def feedback(period: Period) -> Report:
    """Returns the turnaround of all rounds together, then of each round."""
    cards = _cards(period)
    whole = cards.aggregate(**_figures())
    by_round = cards.values(*ROUND).annotate(**_figures()).order_by(*ROUND)
    rows = [_row(_("All rounds"), whole)] if whole["number"] else []
    rows += [_row(_round_name(found), found) for found in by_round]
    return Report(
        name="feedback",
        title=_("Feedback turnaround"),
        note=_(
            "Time from the end of an interview to its scorecards, for interviews that ended in the"
            " period. Scorecards still due: %(number)d."
        )
        % {"number": _due(period)},
        audit_label="interview.scorecard",
        headings=[
            _("Round"),
            _("Scorecards"),
            _("Median (hours)"),
            _("90th percentile (hours)"),
            _("Within 24 hours (%)"),
        ],
        rows=rows,
        bar=4,
    )


NUMBER, NAME, NAME_EN = (f"interview__round__{field}" for field in ("number", "name", "name_en"))
ROUND = (NUMBER, NAME, NAME_EN, "interview__round")


def _cards(period: Period) -> Any:
    ended = period.contains("interview__finished_at")
    cards = Scorecard.objects.filter(ended, interview__campaign=period.campaign)
    taken = Greatest(
        F("submitted_at") - F("interview__finished_at"),
        Value(AT_ONCE),
        output_field=DurationField(),
    )
    return cards.filter(state=Scorecard.State.SUBMITTED).annotate(taken=taken)


def _figures() -> dict[str, Any]:
    return count_and_percentiles("taken") | {"soon": Count("pk", filter=Q(taken__lte=SOON))}


def _row(name: str, found: Mapping[str, Any]) -> ReportRow:
    share = round(100 * found["soon"] / found["number"], 1)
    return (name, found["number"], hours(found["median"]), hours(found["ninetieth"]), share)


def _round_name(found: Mapping[str, Any]) -> str:
    return localized_name(RoundTemplate(name=found[NAME], name_en=found[NAME_EN]))


def _due(period: Period) -> int:
    """Counts missing scorecards of interviewers who took part in an interview of the period."""
    settled = Scorecard.objects.filter(
        interview=OuterRef("interview"),
        interviewer=OuterRef("interviewer"),
        state__in=Scorecard.State.settled(),
    )
    parts = InterviewAssignment.objects.filter(
        period.contains("interview__finished_at"), interview__campaign=period.campaign
    ).exclude(response=InterviewAssignment.Response.DECLINED)
    return parts.exclude(Exists(settled)).count()
