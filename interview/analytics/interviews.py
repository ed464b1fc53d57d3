"""Reports on interviews: interviewer load, cancellations and no-shows, reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from operator import itemgetter
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, DateField, Exists, F, OuterRef, QuerySet
from django.db.models.functions import TruncWeek
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interview.analytics.period import Period
from interview.analytics.report import Report, ReportRow
from interview.models import InterviewAssignment, InterviewEvent, Scorecard
from interview.models.labels import EVENTS
from interview.models.states import NOT_TAKING_PLACE, Side
from realtime.display_names import display_name

AUDIT_LABEL = "interview.interview"
NAMES = ("username", "first_name", "last_name")
MAX_PEOPLE = 12
MAX_REASONS = 20
CANCELLING_ACTIONS = ("cancel", "no-show")
WITH_REASON = ("cancel", "excuse", "reschedule", "shift")


def load(period: Period) -> Report:
    """Returns the interviews per interviewer, busiest first; the CSV file has them by week."""
    names, weeks = _weeks(period)
    ordered = sorted(weeks, key=lambda pk: (-weeks[pk].total(), names[pk]))
    rows = [_load_row(names[pk], weeks[pk], period) for pk in ordered[:MAX_PEOPLE]]
    by_week = [(names[pk], *week) for pk in ordered for week in sorted(weeks[pk].items())]
    return Report(
        name="load",
        title=_("Interviewer load"),
        note=_(
            "Interviews of the period, without cancelled ones, no-shows, and those the interviewer"
            " declined or did not attend. The table has the %(number)d busiest interviewers; the"
            " CSV file has everybody by week."
        )
        % {"number": MAX_PEOPLE},
        audit_label=AUDIT_LABEL,
        headings=[_("Interviewer"), _("Interviews"), _("Per week"), _("Busiest week")],
        rows=rows,
        export=([_("Interviewer"), _("Week from"), _("Interviews")], by_week),
    )


def _load_row(name: str, weeks: Counter[date], period: Period) -> ReportRow:
    busiest, most = max(weeks.items(), key=itemgetter(1))
    busiest_week = _("%(number)d, week of %(day)s") % {
        "number": most,
        "day": date_format(busiest, "MONTH_DAY_FORMAT"),
    }
    return (name, weeks.total(), round(weeks.total() * 7 / max(period.days, 7), 1), busiest_week)


def _weeks(period: Period) -> tuple[dict[int, str], Mapping[int, Counter[date]]]:
    """Returns the interviewers' names by id, and their interviews by the Monday of each week."""
    names: dict[int, str] = {}
    weeks: defaultdict[int, Counter[date]] = defaultdict(Counter)
    for row in _parts(period):
        pk = row["interviewer"]
        names[pk] = display_name(User(**{name: row[name] for name in NAMES}))
        weeks[pk][row["week"]] = row["number"]
    return names, weeks


def _parts(period: Period) -> Any:
    absent = Scorecard.objects.filter(
        interview=OuterRef("interview"),
        interviewer=OuterRef("interviewer"),
        state=Scorecard.State.DISMISSED,
    )
    of_these = InterviewAssignment.objects.filter(
        period.contains("interview__starts_at"), interview__campaign=period.campaign
    )
    taken = of_these.exclude(interview__status__in=NOT_TAKING_PLACE).exclude(
        response=InterviewAssignment.Response.DECLINED
    )
    week = TruncWeek("interview__starts_at", tzinfo=period.zone, output_field=DateField())
    named = {name: F(f"interviewer__{name}") for name in NAMES}
    rows = taken.exclude(Exists(absent)).order_by().values("interviewer", week=week, **named)
    return rows.annotate(number=Count("pk"))


def sides(period: Period) -> Report:
    """Returns cancellations and no-shows by the side responsible."""
    found = (
        _events(period, CANCELLING_ACTIONS)
        .values("action", side=F("interview__side"))
        .annotate(number=Count("pk"))
    )
    labels = {side.value: side.label for side in Side}
    rows = [
        (EVENTS[row["action"]], labels.get(row["side"]) or _("Not recorded"), row["number"])
        for row in found.order_by("action", "-number")
    ]
    return Report(
        name="sides",
        title=_("Cancellations and no-shows by side"),
        note=_(
            "Recorded in the period and not undone. For a no-show only the side is recorded, not a"
            " reason."
        ),
        audit_label=AUDIT_LABEL,
        headings=[_("Event"), _("Side"), _("Times")],
        rows=_as_text(rows),
        bar=2,
    )


def reasons(period: Period) -> Report:
    """Returns the reasons entered for cancellations and reschedules, most frequent first."""
    found = (
        _events(period, WITH_REASON).values("action", "reason").annotate(number=Count("pk"))
    ).order_by("-number", "action", "reason")
    rows = [
        (EVENTS[row["action"]], row["reason"] or _("No reason given"), row["number"])
        for row in found[:MAX_REASONS]
    ]
    return Report(
        name="reasons",
        title=_("Reasons for cancelling and rescheduling"),
        note=_(
            "The %(number)d most frequent reasons as entered. Who asked for a reschedule is not"
            " recorded, except when the candidate could not come."
        )
        % {"number": MAX_REASONS},
        audit_label=AUDIT_LABEL,
        headings=[_("Event"), _("Reason"), _("Times")],
        rows=_as_text(rows),
        bar=2,
    )


def _events(period: Period, actions: tuple[str, ...]) -> QuerySet[InterviewEvent]:
    """Returns the events of these actions in the period, without undone ones."""
    events = InterviewEvent.objects.filter(
        period.contains("at"), undone_at=None, action__in=actions
    )
    return events.filter(interview__campaign=period.campaign)


def _as_text(rows: list[tuple[Any, Any, int]]) -> list[ReportRow]:
    return [(str(what), str(text), number) for what, text, number in rows]
