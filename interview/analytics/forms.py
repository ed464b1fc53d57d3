"""The question to the figures: which campaign, which days, and whether as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.analytics.period import Period
from interview.analytics.subjects import SUBJECTS
from jobs.models import Campaign

USUAL_DAYS, MOST_DAYS = 30, 366
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class AnalyticsForm(forms.Form):
    """What is not asked is as usual: the first of the campaigns, the last thirty days there."""

    campaign = forms.ChoiceField(label=_("Campaign"))
    since = _day(_("From"))
    until = _day(_("Until"))
    what = forms.ChoiceField(
        choices=[(name, name) for name in SUBJECTS], required=False, widget=forms.HiddenInput
    )
    format = forms.ChoiceField(choices=[("csv", "CSV")], required=False, widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, str], *, campaigns: Sequence[Campaign]) -> None:
        """campaigns: those this person may ask about, at least one."""
        self.campaigns = {campaign.slug: campaign for campaign in campaigns}
        said = {name: text for name, text in asked.items() if text.strip()}
        campaign = self.campaigns.get(said.get("campaign", ""), campaigns[0])
        super().__init__(_usual(campaign) | said)
        choice: Any = self.fields["campaign"]
        choice.choices = [(one.slug, one.name) for one in campaigns]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", _("The period ends before it begins."))
        elif since and until and (until - since).days >= MOST_DAYS:
            too_long = ValidationError(
                _("The period can have at most %(number)d days."), params={"number": MOST_DAYS}
            )
            self.add_error("until", too_long)
        if data.get("format") and not data.get("what") and "what" not in self.errors:
            self.add_error("what", _("Say which figures the file is to hold."))
        return data

    @property
    def period(self) -> Period:
        """Only of a valid form."""
        data = self.cleaned_data
        return Period(self.campaigns[data["campaign"]], data["since"], data["until"])


def _usual(campaign: Campaign) -> dict[str, str]:
    today = timezone.localdate(timezone=ZoneInfo(campaign.time_zone))
    return {
        "campaign": campaign.slug,
        "since": (today - timedelta(days=USUAL_DAYS - 1)).isoformat(),
        "until": today.isoformat(),
    }
