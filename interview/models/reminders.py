"""When people are reminded, as each campaign wishes it."""

from __future__ import annotations

from datetime import time, timedelta

import holidays
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_LEAD_TIME = timedelta(days=14)
DEFAULT_MINUTES = (24 * 60, 60, 10)
MAX_REMINDERS = 6
DEFAULT_COUNTRY = "CN"


def default_minutes() -> list[int]:
    return list(DEFAULT_MINUTES)


def check_minutes(minutes: list[int]) -> None:
    """Raises ValidationError unless they are positive, distinct, and within 14 days."""
    longest = int(MAX_LEAD_TIME.total_seconds() // 60)
    if any(not 1 <= number <= longest for number in minutes):
        raise ValidationError(
            _("Each reminder is between 1 and %(longest)d minutes (14 days) before the start.")
            % {"longest": longest}
        )
    if len(set(minutes)) != len(minutes):
        raise ValidationError(_("No two reminders at the same time."))
    if len(minutes) > MAX_REMINDERS:
        raise ValidationError(_("At most %d reminders of one interview.") % MAX_REMINDERS)


def check_country(code: str) -> None:
    """Raises ValidationError for a country whose working days nobody knows."""
    if code not in holidays.list_supported_countries(include_aliases=False):
        raise ValidationError(
            _("No working days are known for “%(code)s”; write it as in CN, DE or US.")
            % {"code": code}
        )


class ReminderSettings(models.Model):
    """When a campaign reminds. A campaign without a row of its own is as a new row would be."""

    campaign = models.OneToOneField(
        "jobs.Campaign",
        models.CASCADE,
        related_name="reminder_settings",
        verbose_name=_("campaign"),
    )
    minutes_before = ArrayField(
        models.PositiveIntegerField(),
        default=default_minutes,
        blank=True,
        validators=[check_minutes],
        verbose_name=_("minutes before the start"),
        help_text=_(
            "Comma-separated, such as 1440, 60, 10. Candidates get those of an hour and more."
        ),
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        default=DEFAULT_COUNTRY,
        validators=[check_country],
        help_text=_("Whose working days count (two letters). Moved working days are known."),
    )
    daily_at = models.TimeField(
        _("daily reminders at"),
        default=time(10),
        help_text=_("Of scorecards, on working days, on the campaign's clock."),
    )
    days_before_escalation = models.PositiveSmallIntegerField(
        _("daily reminders before escalation"),
        default=2,
        validators=[MinValueValidator(0), MaxValueValidator(20)],
        help_text=_("On the working day after them the coordinators are told instead."),
    )
    digest_at = models.TimeField(
        _("daily digest at"),
        default=time(8),
        help_text=_("Of coordinators, every day, on the campaign's clock."),
    )

    class Meta:
        verbose_name = _("reminders of a campaign")
        verbose_name_plural = _("reminders of campaigns")

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def offsets(self) -> list[timedelta]:
        """How long before the start, the nearest first."""
        return [timedelta(minutes=number) for number in sorted(self.minutes_before)]
