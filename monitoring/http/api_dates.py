"""Fields of the API for days and times, with the rules of `dates`."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework import serializers

from monitoring.http.dates import moment_of, validate_year


class MomentField(serializers.DateTimeField):
    """A time in one of the allowed years, as UTC.

    Without an offset it is a time of the active time zone; one that the clocks skip is refused.
    """

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_aware(value):
            return super().enforce_timezone(value)
        try:
            return moment_of(value.date(), value.time(), self.timezone_of_input())
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from None

    def timezone_of_input(self) -> tzinfo:
        return getattr(self, "timezone", None) or timezone.get_current_timezone()

    def to_internal_value(self, value: Any) -> Any:
        try:
            moment = super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")
        _refuse_year(moment)
        return moment.astimezone(UTC)


class ApiDayField(serializers.DateField):
    """A day in one of the allowed years."""

    def to_internal_value(self, value: Any) -> Any:
        day = super().to_internal_value(value)
        _refuse_year(day)
        return day


def _refuse_year(day: date) -> None:
    try:
        validate_year(day)
    except ValidationError as error:
        raise serializers.ValidationError(error.messages) from None
