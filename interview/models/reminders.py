"""Reminder settings of campaigns."""

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
    """Raise ValidationError unless all are positive, distinct and within MAX_LEAD_TIME."""
    longest = int(MAX_LEAD_TIME.total_seconds() // 60)
    if any(not 1 <= number <= longest for number in minutes):
        raise ValidationError(
            _("Reminders must be between 1 and %(limit)d minutes (%(days)d days) before the start.")
            % {"limit": longest, "days": MAX_LEAD_TIME.days}
        )
    if len(set(minutes)) != len(minutes):
        raise ValidationError(_("Enter each time only once."))
    if len(minutes) > MAX_REMINDERS:
        raise ValidationError(
            _("You can set up to %(limit)d reminders.") % {"limit": MAX_REMINDERS}
        )


def check_country(code: str) -> None:
    """Raise ValidationError for a country that the `holidays` package does not know."""
    if code not in holidays.list_supported_countries(include_aliases=False):
        raise ValidationError(
            _("Unknown country “%(code)s”. Enter a two-letter code such as CN, DE or US.")
            % {"code": code}
        )


class ReminderSettings(models.Model):
    """When reminders of a campaign are sent. A campaign without a row uses the defaults below."""

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
            "Comma-separated, such as 1440, 60, 10. Candidates only get reminders an hour or more "
            "before the start."
        ),
    )
    country = models.CharField(
        _("country"),
        max_length=2,
        default=DEFAULT_COUNTRY,
        validators=[check_country],
        help_text=_("Two-letter code; its public holidays and make-up workdays apply."),
    )
    daily_at = models.TimeField(
        _("daily reminders at"),
        default=time(10),
        help_text=_("Scorecard reminders, on working days, in the campaign's time zone."),
    )
    days_before_escalation = models.PositiveSmallIntegerField(
        _("daily reminders before escalation"),
        default=2,
        validators=[MinValueValidator(0), MaxValueValidator(20)],
        help_text=_("On the next working day the coordinators are notified instead."),
    )
    digest_at = models.TimeField(
        _("daily digest at"),
        default=time(8),
        help_text=_("Sent to coordinators every day, in the campaign's time zone."),
    )

    class Meta:
        verbose_name = _("campaign reminders")
        verbose_name_plural = _("campaign reminders")

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def offsets(self) -> list[timedelta]:
        """Lead times before the start, shortest first."""
        return [timedelta(minutes=number) for number in sorted(self.minutes_before)]
