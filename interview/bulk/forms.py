"""The forms of bulk scheduling: the settings of a plan, and one line of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.bulk.plans import (
    BUFFER_MINUTES_RANGE,
    DAILY_LIMIT_RANGE,
    MAX_DAYS,
    SLOT_MINUTES_RANGE,
)
from interview.models import BulkLine, Room, RoundTemplate
from interview.rules.limits import BUFFER_MINUTES, DAILY_LOAD_LIMIT
from interview.views.schedule_form import StartsAtForm, round_label
from jobs.models import Campaign
from monitoring.http.dates import ALLOWED_YEARS, DayField
from realtime.display_names import display_name

INTERVIEWERS = User.objects.filter(is_active=True, groups__name="interviewer").order_by("pk")
SATURDAY = 5


def day_field(label: Any) -> DayField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return DayField(label=label, widget=widget)


def time_field(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget)


def number_field(label: Any, allowed: range) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=allowed[0], max_value=allowed[-1])


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not when it runs
    """Interviewers, labelled with their display names."""

    def label_from_instance(self, obj: Any) -> str:
        return display_name(obj)


class BulkPlanForm(forms.Form):
    """The settings of a plan: rooms, interviewers, days and hours.

    Validates single fields; `bulk_plan_create` validates what needs the database.
    """

    round = forms.ModelChoiceField(
        label=_("Round"), queryset=RoundTemplate.objects.none(), empty_label=None
    )
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    with_weekends = forms.BooleanField(label=_("Include weekends"), required=False)
    opens_at = time_field(_("From"))
    closes_at = time_field(_("Until"))
    slot_minutes = number_field(_("Minutes per interview"), SLOT_MINUTES_RANGE)
    buffer_minutes = number_field(_("Minutes between interviews"), BUFFER_MINUTES_RANGE)
    people_each = number_field(_("Interviewers per interview"), range(1, 6))
    daily_limit = number_field(_("Daily limit per interviewer"), DAILY_LIMIT_RANGE)
    rooms = forms.ModelMultipleChoiceField(
        label=_("Rooms"), queryset=Room.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    interviewers = PeopleField(
        label=_("Interviewers"), queryset=INTERVIEWERS, widget=forms.CheckboxSelectMultiple
    )
    use_required_attribute = False

    def __init__(self, campaign: Campaign, data: Any = None) -> None:
        super().__init__(data, initial=default_plan_settings(campaign))
        rounds = RoundTemplate.objects.for_campaign(campaign.pk)
        field: Any = self.fields["round"]
        field.queryset = rounds
        field.choices = [(one.pk, round_label(one)) for one in rounds]
        rooms: Any = self.fields["rooms"]
        rooms.queryset = Room.objects.filter(campaign=campaign, is_active=True)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first_day"), values.get("last_day")
        if first and last:
            values["days"] = self._days(first, last, with_weekends=values["with_weekends"])
        return values

    def _days(self, first: date, last: date, *, with_weekends: bool) -> list[date]:
        span = (last - first).days + 1
        if span < 1:
            raise ValidationError({"last_day": _("The last day must not be before the first day.")})
        if span > MAX_DAYS:
            text = _("Choose at most %(limit)d days.") % {"limit": MAX_DAYS}
            raise ValidationError({"last_day": text})
        days = [first + timedelta(days=number) for number in range(span)]
        days = [day for day in days if with_weekends or day.weekday() < SATURDAY]
        if not days:
            raise ValidationError({"last_day": _("These days are all at a weekend.")})
        return days

    def settings(self) -> dict[str, Any]:
        """Returns the arguments of `bulk_plan_create`. The form must be valid."""
        own = {"first_day", "last_day", "with_weekends"}
        return {name: value for name, value in self.cleaned_data.items() if name not in own}


def default_plan_settings(campaign: Campaign) -> dict[str, Any]:
    """Returns initial values: all rooms and interviewers, the campaign's next working days."""
    today = timezone.now().astimezone(ZoneInfo(campaign.time_zone)).date()
    starts_on = campaign.starts_on
    first = today + timedelta(days=1)
    if starts_on is not None and starts_on.year in ALLOWED_YEARS:
        first = max(first, starts_on)
    while first.weekday() >= SATURDAY:
        first += timedelta(days=1)
    round_ = RoundTemplate.objects.for_campaign(campaign.pk).first()
    return {
        "round": round_ and round_.pk,
        "first_day": first,
        "last_day": first + timedelta(days=1),
        "opens_at": "09:00",
        "closes_at": "18:00",
        "slot_minutes": round_.duration_minutes if round_ else 45,
        "buffer_minutes": 2 * BUFFER_MINUTES,
        "people_each": 1,
        "daily_limit": DAILY_LOAD_LIMIT,
        "rooms": list(Room.objects.filter(campaign=campaign, is_active=True)),
        "interviewers": list(INTERVIEWERS),
    }


class BulkLineForm(StartsAtForm):
    """The time, room and interviewers of one line."""

    day = day_field(_("Date"))
    start = time_field(_("Start"))
    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.none(), empty_label=None)
    interviewers = PeopleField(label=_("Interviewers"), queryset=INTERVIEWERS)
    override_reason = forms.CharField(
        label=_("Reason to schedule despite a warning"), required=False, max_length=300
    )
    use_required_attribute = False

    def __init__(self, line: BulkLine, data: Any = None) -> None:
        campaign = line.plan.campaign
        self.zone = ZoneInfo(campaign.time_zone)
        super().__init__(data, initial=self._initial(line))
        rooms: Any = self.fields["room"]
        rooms.queryset = Room.objects.filter(campaign=campaign, is_active=True)

    def _initial(self, line: BulkLine) -> dict[str, Any]:
        begin = line.starts_at.astimezone(self.zone) if line.starts_at else None
        return {
            "day": begin.date() if begin else line.plan.days[0],
            "start": begin.time() if begin else line.plan.opens_at,
            "room": line.room_id,
            "interviewers": line.interviewers,
            "override_reason": line.override_reason,
        }

    def change(self) -> dict[str, Any]:
        """Returns the arguments of `bulk_line_change`. The form must be valid."""
        values = self.cleaned_data
        return {
            "starts_at": self.cleaned_data["starts_at"],
            "room": values["room"],
            "interviewers": list(values["interviewers"]),
            "override_reason": values["override_reason"],
        }
