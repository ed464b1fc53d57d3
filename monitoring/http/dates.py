"""Days and times as people and programs enter them: allowed years, and local times as moments.

Every form, filter and API field (`api_dates`) that takes a date uses these. Other years are typing
errors, and they would overflow in arithmetic with time zones.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ALLOWED_YEARS = range(2000, 2100)
"""Years of days and times. Leaves room for time zone arithmetic on either side."""
YEAR_BOUNDS = {"first": ALLOWED_YEARS.start, "last": ALLOWED_YEARS.stop - 1}
YEAR_MESSAGE = _("Enter a year from %(first)d to %(last)d.")


def validate_year(day: date) -> None:
    """Raise ValidationError for a day or time in another year than ALLOWED_YEARS."""
    if day.year not in ALLOWED_YEARS:
        raise ValidationError(YEAR_MESSAGE, code="year", params=YEAR_BOUNDS)


def moment_of(day: date, clock: time, zone: tzinfo) -> datetime:
    """The moment of a local time, in UTC.

    A time that the clocks show twice is the first of both. Raises ValidationError for a year that
    is not allowed, and for a time that the clocks skip.
    """
    validate_year(day)
    local = datetime.combine(day, clock)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local:
        raise ValidationError(_("The clocks skip this time on that day. Choose another time."))
    return moment


def later_in(zone: tzinfo, moment: datetime, by: timedelta) -> datetime:
    """The moment this much later, in a time zone. Python adds to the clock instead of the time."""
    return (moment.astimezone(UTC) + by).astimezone(zone)


class DayField(forms.DateField):
    """A day in one of the allowed years."""

    default_validators = [validate_year]
