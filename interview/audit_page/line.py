"""One entry of the audit in words: records by number, fields by the names that forms give them."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.urls import reverse
from django.utils.text import capfirst

from monitoring.audit.models import Action, AuditEntry
from realtime.display_names import display_name

IDS_SHOWN = 4
PAGES = {"interview.interview": "interview", "jobs.job": "job", "jobs.application": "schedule"}
"""By label: the page of one such record."""


def kind_name(label: str) -> str:
    """What people call such a record; its label where the product knows it no longer."""
    model = _model(label)
    return capfirst(str(model._meta.verbose_name)) if model else label


def _model(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, as the page shows it."""

    entry: AuditEntry

    @property
    def who(self) -> str:
        """Empty for the clock, a command or a visitor; an account that is gone has a number."""
        if self.entry.actor_id is None:
            return ""
        return display_name(self.entry.actor) if self.entry.actor else f"#{self.entry.actor_id}"

    @property
    def is_a_visitors(self) -> bool:
        """Done in a request of somebody who was not signed in; a task begins with that word."""
        return bool(self.entry.source) and not self.entry.source.startswith("task ")

    @property
    def kind(self) -> str:
        return kind_name(self.entry.label)

    @property
    def records(self) -> list[tuple[int, str]]:
        """The first few, each with the address of its page or none."""
        page = PAGES.get(self.entry.label, "")
        is_there = self.entry.action != Action.DELETE and page
        shown = self.entry.ids[:IDS_SHOWN]
        return [(pk, reverse(page, args=[pk]) if is_there else "") for pk in shown]

    @property
    def others(self) -> int:
        """How many more records there are than are shown."""
        return max(0, self.entry.count - min(len(self.entry.ids), IDS_SHOWN))

    @property
    def fields(self) -> list[str]:
        model = _model(self.entry.label)
        return [_field_name(model, name) for name in self.entry.fields]


def _field_name(model: type[Model] | None, name: str) -> str:
    try:
        field = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return name
    return str(getattr(field, "verbose_name", name))
