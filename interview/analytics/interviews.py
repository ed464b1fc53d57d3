"""Who interviews how much, what does not take place, and what is moved."""

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

from interview.analytics.blocks import Block, Cells
from interview.analytics.period import Period
from interview.models import InterviewAssignment, InterviewEvent, Scorecard
from interview.models.labels import EVENTS
from interview.models.states import NOT_TAKING_PLACE, Side
from realtime.display_names import display_name

LABEL = "interview.interview"
NAMES = ("username", "first_name", "last_name")
MOST_PEOPLE = 12
MOST_REASONS = 20
CANCELLING_ACTIONS = ("cancel", "no-show")
WITH_REASON = ("cancel", "excuse", "reschedule", "shift")


def load(period: Period) -> Block:
    """Interviews by interviewer, the busiest first, and in the file by week as well."""
    names, weeks = _weeks(period)
    ordered = sorted(weeks, key=lambda pk: (-weeks[pk].total(), names[pk]))
    rows = [_load_row(names[pk], weeks[pk], period) for pk in ordered[:MOST_PEOPLE]]
    by_week = [(names[pk], *week) for pk in ordered for week in sorted(weeks[pk].items())]
    return Block(
        name="load",
        title=_("Interviewer load"),
        note=_(
            "Interviews of the period that were held or still stand, without those an interviewer"
            " declined or did not attend; the %(number)d with most. The file has everybody, week"
            " by week."
        )
        % {"number": MOST_PEOPLE},
        label=LABEL,
        headings=[_("Interviewer"), _("Interviews"), _("Per week"), _("Busiest week")],
        rows=rows,
        export=([_("Interviewer"), _("Week from"), _("Interviews")], by_week),
    )


def _load_row(name: str, weeks: Counter[date], period: Period) -> Cells:
    busiest, most = max(weeks.items(), key=itemgetter(1))
    told = _("%(number)d, week of %(day)s") % {
        "number": most,
        "day": date_format(busiest, "MONTH_DAY_FORMAT"),
    }
    return (name, weeks.total(), round(weeks.total() * 7 / max(period.days, 7), 1), told)


def _weeks(period: Period) -> tuple[dict[int, str], Mapping[int, Counter[date]]]:
    """Interviewers' names, and the interviews of each by the Monday of their week."""
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
        period.holds("interview__starts_at"), interview__campaign=period.campaign
    )
    taken = of_these.exclude(interview__status__in=NOT_TAKING_PLACE).exclude(
        response=InterviewAssignment.Response.DECLINED
    )
    week = TruncWeek("interview__starts_at", tzinfo=period.zone, output_field=DateField())
    named = {name: F(f"interviewer__{name}") for name in NAMES}
    rows = taken.exclude(Exists(absent)).order_by().values("interviewer", week=week, **named)
    return rows.annotate(number=Count("pk"))


def sides(period: Period) -> Block:
    """What did not take place, and on whose side that lay."""
    found = (
        _events(period, CANCELLING_ACTIONS)
        .values("action", side=F("interview__side"))
        .annotate(number=Count("pk"))
    )
    words = {side.value: side.label for side in Side}
    rows = [
        (EVENTS[row["action"]], words.get(row["side"]) or _("Not said"), row["number"])
        for row in found.order_by("action", "-number")
    ]
    return Block(
        name="sides",
        title=_("Cancellations and no-shows by side"),
        note=_(
            "Written down during the period and not taken back. Of a no-show only the side is"
            " known: nobody is asked for a reason."
        ),
        label=LABEL,
        headings=[_("What happened"), _("Side"), _("Times")],
        rows=_plain(rows),
        bar=2,
    )


def reasons(period: Period) -> Block:
    """Why interviews were cancelled or moved, in the words that were written down."""
    found = (
        _events(period, WITH_REASON).values("action", "reason").annotate(number=Count("pk"))
    ).order_by("-number", "action", "reason")
    rows = [
        (EVENTS[row["action"]], row["reason"] or _("No reason given"), row["number"])
        for row in found[:MOST_REASONS]
    ]
    return Block(
        name="reasons",
        title=_("Reasons for cancelling and moving"),
        note=_(
            "The %(number)d most frequent, as they were written. Who asked for a move is not"
            " recorded, but for candidates who said that they cannot come."
        )
        % {"number": MOST_REASONS},
        label=LABEL,
        headings=[_("What happened"), _("Reason"), _("Times")],
        rows=_plain(rows),
        bar=2,
    )


def _events(period: Period, actions: tuple[str, ...]) -> QuerySet[InterviewEvent]:
    """Such steps of the period that nobody has taken back."""
    events = InterviewEvent.objects.filter(period.holds("at"), undone_at=None, action__in=actions)
    return events.filter(interview__campaign=period.campaign)


def _plain(rows: list[tuple[Any, Any, int]]) -> list[Cells]:
    return [(str(what), str(words), number) for what, words, number in rows]
