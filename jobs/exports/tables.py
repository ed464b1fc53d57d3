"""What can be exported: each kind of row with its columns. Apps above this one add theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LARGEST_ID = 2**63 - 1
MAX_IDS = 50_000

Filters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and what a row says under it."""

    heading: StrOrPromise
    value: Callable[[Any], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One kind of row.

    label   the model, as the audit names it
    rows    (person, filters) → the rows he may see that meet them; raises ValidationError by field
    """

    name: str
    title: StrOrPromise
    label: str
    columns: tuple[Column, ...]
    rows: Callable[[Any, Filters], QuerySet[Any]]


TABLES: dict[str, Table] = {}


def register(table: Table) -> None:
    TABLES[table.name] = table


def validated_filters(form: forms.Form) -> dict[str, Any]:
    """What a form of filters has understood. Raises ValidationError by field, unknown ones too."""
    problems = {name: list(map(str, reasons)) for name, reasons in form.errors.items()}
    for name in set(form.data) - set(form.fields):
        problems[name] = [_("There is no such filter.")]
    if problems:
        raise ValidationError(problems)
    return form.cleaned_data


class IdsField(forms.Field):
    """A list of ids: rows that were chosen one by one."""

    def to_python(self, value: Any) -> list[int] | None:
        if value is None:
            return None
        if not isinstance(value, list) or not all(_is_id(one) for one in value):
            raise ValidationError(_("A list of ids is needed."))
        if len(value) > MAX_IDS:
            raise ValidationError(_("No more than %(limit)s ids.") % {"limit": MAX_IDS})
        return value


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID
