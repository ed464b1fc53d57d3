"""The form of the analytics page: campaign, period, and optionally one report as a CSV file."""

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
from interview.analytics.registry import REPORTS
from jobs.models import Campaign

DEFAULT_DAYS, MAX_DAYS = 30, 366
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class AnalyticsForm(forms.Form):
    """Missing entries default to the first campaign and its last DEFAULT_DAYS days."""

    campaign = forms.ChoiceField(label=_("Campaign"))
    since = _day(_("From"))
    until = _day(_("Until"))
    what = forms.ChoiceField(
        choices=[(name, name) for name in REPORTS], required=False, widget=forms.HiddenInput
    )
    format = forms.ChoiceField(choices=[("csv", "CSV")], required=False, widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, str], *, campaigns: Sequence[Campaign]) -> None:
        """campaigns: those the user may see, at least one."""
        self.campaigns = {campaign.slug: campaign for campaign in campaigns}
        entries = {name: text for name, text in asked.items() if text.strip()}
        campaign = self.campaigns.get(entries.get("campaign", ""), campaigns[0])
        super().__init__(_defaults(campaign) | entries)
        choice: Any = self.fields["campaign"]
        choice.choices = [(one.slug, one.name) for one in campaigns]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", _("The end must not be before the start."))
        elif since and until and (until - since).days >= MAX_DAYS:
            too_long = ValidationError(
                _("Choose at most %(limit)d days."), params={"limit": MAX_DAYS}
            )
            self.add_error("until", too_long)
        if data.get("format") and not data.get("what") and "what" not in self.errors:
            self.add_error("what", _("Choose the report to download."))
        return data

    @property
    def period(self) -> Period:
        """The period asked for. The form must be valid."""
        data = self.cleaned_data
        return Period(self.campaigns[data["campaign"]], data["since"], data["until"])


def _defaults(campaign: Campaign) -> dict[str, str]:
    today = timezone.localdate(timezone=ZoneInfo(campaign.time_zone))
    return {
        "campaign": campaign.slug,
        "since": (today - timedelta(days=DEFAULT_DAYS - 1)).isoformat(),
        "until": today.isoformat(),
    }
