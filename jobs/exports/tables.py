"""The registry of tables that can be exported. Apps above this one register their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jobs.models import Candidate

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LARGEST_ID = 2**63 - 1
MAX_IDS = 50_000

Filters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and the function from a row to its value."""

    heading: StrOrPromise
    value: Callable[[Any], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A kind of row with its columns.

    label      the label of the model in the audit log
    candidate  row → its candidate
    rows       (user, filters) → the matching rows the user may see, all without filters; raises
               ValidationError by field
    """

    name: str
    title: StrOrPromise
    label: str
    candidate: Callable[[Any], Candidate]
    columns: tuple[Column, ...]
    rows: Callable[[Any, Filters], QuerySet[Any]]


TABLES: dict[str, Table] = {}


def register(table: Table) -> None:
    TABLES[table.name] = table


def validated_filters(form: forms.Form) -> dict[str, Any]:
    """Returns the cleaned filters. Raises ValidationError by field, also for unknown filters."""
    problems = {name: list(map(str, reasons)) for name, reasons in form.errors.items()}
    for name in set(form.data) - set(form.fields):
        problems[name] = [_("This filter does not exist.")]
    if problems:
        raise ValidationError(problems)
    return form.cleaned_data


class IdsField(forms.Field):
    """A list of row ids, for an export of selected rows."""

    def to_python(self, value: Any) -> list[int] | None:
        if value is None:
            return None
        if not isinstance(value, list) or not all(_is_id(one) for one in value):
            raise ValidationError(_("Enter a list of ids."))
        if len(value) > MAX_IDS:
            raise ValidationError(_("Enter at most %(limit)s ids.") % {"limit": MAX_IDS})
        return value


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID
