"""Presents one audit entry as a row of the audit page, with readable record and field names."""

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
"""Model label → URL name of the page that shows one record."""


def record_type_name(label: str) -> str:
    """Returns the model's verbose name, or the label itself if the model no longer exists."""
    model = _model(label)
    return capfirst(str(model._meta.verbose_name)) if model else label


def _model(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An audit entry with the texts and links the page shows."""

    entry: AuditEntry

    @property
    def who(self) -> str:
        """The actor's name, "#<id>" for a deleted account, or "" if nobody was signed in (periodic
        tasks, commands, visitors).
        """
        if self.entry.actor_id is None:
            return ""
        return display_name(self.entry.actor) if self.entry.actor else f"#{self.entry.actor_id}"

    @property
    def is_by_visitor(self) -> bool:
        """True if a request without sign-in did it. The source of a task begins with "task "."""
        return bool(self.entry.source) and not self.entry.source.startswith("task ")

    @property
    def record_type(self) -> str:
        return record_type_name(self.entry.label)

    @property
    def records(self) -> list[tuple[int, str]]:
        """The first IDS_SHOWN record ids, each with the address of its page or ""."""
        page = PAGES.get(self.entry.label, "")
        is_there = self.entry.action != Action.DELETE and page
        shown = self.entry.ids[:IDS_SHOWN]
        return [(pk, reverse(page, args=[pk]) if is_there else "") for pk in shown]

    @property
    def hidden_count(self) -> int:
        """The number of records beyond those in `records`."""
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
