"""Filters for the lists of the API. They reject values that no row can have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField

from monitoring.http.dates import validate_year

LARGEST_ID = 2**63 - 1
BOOLEANS = {"true": True, "false": False}


class IdFilter(filters.Filter):
    """An id: a positive 64-bit integer."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_ID, **kwargs)


class UtcDateTimeField(IsoDateTimeField):
    """A time in one of the allowed years, converted to UTC.

    PostgreSQL accepts fewer offsets than ISO 8601 allows.
    """

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        if found is None:
            return None
        validate_year(found)
        return found.astimezone(UTC)


class UtcDateTimeFilter(filters.IsoDateTimeFilter):
    field_class = UtcDateTimeField


class StrictBooleanField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in EMPTY_VALUES:
            return None
        try:
            return BOOLEANS[str(value).lower()]
        except KeyError:
            raise ValidationError(_("Enter true or false.")) from None


class StrictBooleanFilter(filters.BooleanFilter):
    """Accepts only `true` and `false`; django-filter would ignore any other value."""

    field_class = StrictBooleanField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=forms.TextInput, **kwargs)


class Ordering(filters.OrderingFilter):
    """`?ordering=-starts_at,name` with the given field names.

    Adds the primary key, so that equal rows have a stable order across pages.
    """

    def __init__(self, *names: str, **kwargs: Any) -> None:
        super().__init__(fields=[(name, name) for name in names], **kwargs)

    def filter(self, rows: Any, names: Any) -> Any:
        if names in EMPTY_VALUES:
            return rows
        return rows.order_by(*map(self.get_ordering_value, names), "pk")
