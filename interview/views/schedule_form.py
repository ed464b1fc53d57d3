"""The form to schedule one interview: time, room and interviewers."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from interview.models import OCCUPIES_ROOM, Room, RoundTemplate
from interview.models.labels import localized_name
from interview.views.availability import Slot
from jobs.models import Application
from monitoring.http.dates import DayField, later_in, moment_of

HALF_HOUR = timedelta(minutes=30)


class StartsAtForm(forms.Form):
    """A form with the fields `day` and `start`, times of its `zone`, which it joins."""

    zone: ZoneInfo

    def clean_start(self) -> time:
        """Refuses a time that the clocks skip; keeps the moment as `starts_at`."""
        day: date | None = self.cleaned_data.get("day")
        start: time = self.cleaned_data["start"]
        if day is not None:
            self.cleaned_data["starts_at"] = moment_of(day, start, self.zone)
        return start


class ScheduleForm(StartsAtForm):
    """Validates single fields; `interview_create` validates rooms, conflicts and people."""

    round = forms.ModelChoiceField(
        label=_("Round"), queryset=RoundTemplate.objects.none(), empty_label=None
    )
    day = DayField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    start = forms.TimeField(
        label=_("Start"),
        widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M"),
    )
    minutes = forms.IntegerField(
        label=pgettext_lazy("duration", "Minutes"),
        required=False,
        min_value=5,
        max_value=720,
        help_text=_("Leave empty for the round's default duration."),
        widget=forms.NumberInput(attrs={"step": 5, "inputmode": "numeric"}),
    )
    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.none(), empty_label=None)
    interviewers = forms.ModelMultipleChoiceField(
        label=_("Interviewers"),
        queryset=User.objects.filter(is_active=True, groups__name="interviewer"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one interviewer.")},
    )
    override_reason = forms.CharField(
        label=_("Reason to schedule despite a conflict"),
        required=False,
        max_length=300,
        help_text=_("Only needed if the candidate or an interviewer has a conflict."),
    )
    use_required_attribute = False

    def __init__(
        self, application: Application, data: Any = None, initial: dict[str, Any] | None = None
    ) -> None:
        campaign = application.job.campaign
        super().__init__(data, initial=initial)
        self.zone = ZoneInfo(campaign.time_zone)
        self.rooms = list(Room.objects.filter(campaign=campaign, is_active=True))
        rounds = RoundTemplate.objects.for_campaign(campaign.pk)
        self._set_choices("round", rounds, {one.pk: round_label(one) for one in rounds})
        self._set_choices("room", Room.objects.filter(campaign=campaign, is_active=True))

    def _set_choices(self, name: str, queryset: Any, labels: dict[int, str] | None = None) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset
        if labels is not None:
            field.choices = list(labels.items())

    def plan(self) -> dict[str, Any]:
        """Returns the arguments of `interview_create`. The form must be valid."""
        values = self.cleaned_data
        starts_at = values["starts_at"]
        minutes = values["minutes"] or values["round"].duration_minutes
        return {
            "round": values["round"],
            "room": values["room"],
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=minutes),
            "interviewers": values["interviewers"],
            "override_reason": values["override_reason"].strip(),
        }

    def slot(self) -> Slot | None:
        """Returns the time slot entered so far, or None if it is incomplete or invalid."""
        try:
            entry = {name: self[name].value() for name in ("day", "start", "minutes", "round")}
            cleaned = {name: self.fields[name].clean(value) for name, value in entry.items()}
            starts_at = moment_of(cleaned["day"], cleaned["start"], self.zone)
        except forms.ValidationError:
            return None
        minutes = cleaned["minutes"] or cleaned["round"].duration_minutes
        ends_at = later_in(self.zone, starts_at, timedelta(minutes=minutes))
        return Slot(starts_at.astimezone(self.zone), ends_at, self.zone)


def round_label(template: RoundTemplate) -> str:
    minutes = gettext("%(minutes)d min") % {"minutes": template.duration_minutes}
    return f"{localized_name(template)} · {minutes}"


def suggested_values(application: Application) -> dict[str, Any]:
    """Returns initial values: the next round, the next half hour within working hours."""
    campaign = application.job.campaign
    now = timezone.now().astimezone(ZoneInfo(campaign.time_zone))
    start = now.replace(minute=0, second=0, microsecond=0) + 2 * HALF_HOUR
    day: date = start.date()
    if campaign.starts_on and campaign.starts_on > day:
        day, start = campaign.starts_on, start.replace(hour=9)
    elif not 9 <= start.hour < 18:
        day = day + timedelta(days=1) if start.hour >= 18 else day
        start = start.replace(hour=9)
    taken = application.interviews.filter(OCCUPIES_ROOM)
    number = 1 + max(taken.values_list("round__number", flat=True), default=0)
    rounds = RoundTemplate.objects.for_campaign(campaign.pk)
    following = rounds.filter(number__gte=number).first() or rounds.last()
    return {"day": day, "start": start.time(), "round": following and following.pk}
