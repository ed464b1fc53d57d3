"""Planning one interview: when, where, with whom."""

from __future__ import annotations

from datetime import date, datetime, timedelta
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

HALF_HOUR = timedelta(minutes=30)


class ScheduleForm(forms.Form):
    """Judges only what a form can; rooms, clashes and people are judged by `interview_create`."""

    round = forms.ModelChoiceField(
        label=_("Round"), queryset=RoundTemplate.objects.none(), empty_label=None
    )
    day = forms.DateField(
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
        help_text=_("Empty: as long as the round takes."),
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
        label=_("Reason to book somebody twice"),
        required=False,
        max_length=300,
        help_text=_("Only needed if an interviewer has a conflict at that time."),
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
        self._choose("round", rounds, {one.pk: round_label(one) for one in rounds})
        self._choose("room", Room.objects.filter(campaign=campaign, is_active=True))

    def _choose(self, name: str, queryset: Any, labels: dict[int, str] | None = None) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset
        if labels is not None:
            field.choices = list(labels.items())

    def plan(self) -> dict[str, Any]:
        """What `interview_create` takes, from a valid form."""
        said = self.cleaned_data
        starts_at = datetime.combine(said["day"], said["start"], tzinfo=self.zone)
        minutes = said["minutes"] or said["round"].duration_minutes
        return {
            "round": said["round"],
            "room": said["room"],
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=minutes),
            "interviewers": said["interviewers"],
            "override_reason": said["override_reason"].strip(),
        }

    def asked_for(self) -> Slot | None:
        """The time that the entries so far mean, if they mean one."""
        try:
            entry = {name: self[name].value() for name in ("day", "start", "minutes", "round")}
            cleaned = {name: self.fields[name].clean(value) for name, value in entry.items()}
        except forms.ValidationError:
            return None
        starts_at = datetime.combine(cleaned["day"], cleaned["start"], tzinfo=self.zone)
        minutes = cleaned["minutes"] or cleaned["round"].duration_minutes
        return Slot(starts_at, starts_at + timedelta(minutes=minutes))


def round_label(template: RoundTemplate) -> str:
    minutes = gettext("%(minutes)d min") % {"minutes": template.duration_minutes}
    return f"{localized_name(template)} · {minutes}"


def proposal_for(application: Application) -> dict[str, Any]:
    """The next round, on the campaign's next day, at the next half hour of working time."""
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
