"""How soon after an interview its scorecards are in. Nothing of what they say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, DurationField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from interview.analytics.blocks import Block, Cells, hours
from interview.analytics.percentiles import spread
from interview.analytics.period import Period
from interview.models import InterviewAssignment, RoundTemplate, Scorecard
from interview.models.labels import localized_name

SOON = timedelta(hours=24)
AT_ONCE = timedelta(0)  # a scorecard may be in before the interview is said to have ended


def feedback(period: Period) -> Block:
    """All rounds together, then each."""
    cards = _cards(period)
    whole = cards.aggregate(**_figures())
    by_round = cards.values(*ROUND).annotate(**_figures()).order_by(*ROUND)
    rows = [_row(_("All rounds"), whole)] if whole["number"] else []
    rows += [_row(_named(found), found) for found in by_round]
    return Block(
        name="feedback",
        title=_("Feedback turnaround"),
        note=_(
            "Scorecards submitted for interviews that ended during the period, from that end on."
            " Still awaited: %(number)d."
        )
        % {"number": _awaited(period)},
        label="interview.scorecard",
        headings=[
            _("Round"),
            _("Scorecards"),
            _("Median (hours)"),
            _("90th percentile (hours)"),
            _("Within 24 hours (percent)"),
        ],
        rows=rows,
        bar=4,
    )


NUMBER, NAME, NAME_EN = (f"interview__round__{field}" for field in ("number", "name", "name_en"))
ROUND = (NUMBER, NAME, NAME_EN, "interview__round")


def _cards(period: Period) -> Any:
    ended = period.holds("interview__finished_at")
    cards = Scorecard.objects.filter(ended, interview__campaign=period.campaign)
    taken = Greatest(
        F("submitted_at") - F("interview__finished_at"),
        Value(AT_ONCE),
        output_field=DurationField(),
    )
    return cards.filter(state=Scorecard.State.SUBMITTED).annotate(taken=taken)


def _figures() -> dict[str, Any]:
    return spread("taken") | {"soon": Count("pk", filter=Q(taken__lte=SOON))}


def _row(name: str, found: Mapping[str, Any]) -> Cells:
    share = round(100 * found["soon"] / found["number"], 1)
    return (name, found["number"], hours(found["median"]), hours(found["ninetieth"]), share)


def _named(found: Mapping[str, Any]) -> str:
    return localized_name(RoundTemplate(name=found[NAME], name_en=found[NAME_EN]))


def _awaited(period: Period) -> int:
    """Scorecards that somebody who took part owes of an interview of the period."""
    settled = Scorecard.objects.filter(
        interview=OuterRef("interview"),
        interviewer=OuterRef("interviewer"),
        state__in=Scorecard.State.settled(),
    )
    parts = InterviewAssignment.objects.filter(
        period.holds("interview__finished_at"), interview__campaign=period.campaign
    ).exclude(response=InterviewAssignment.Response.DECLINED)
    return parts.exclude(Exists(settled)).count()
