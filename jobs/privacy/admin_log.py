"""The admin's own log names no candidate: it stores "#12" in the place of a name."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.http import HttpRequest

from jobs.models import Application, Candidate
from jobs.privacy.anonymisation import candidates_anonymised


class UnnamedInLog:
    """Mixin of the admins of candidates and their applications, whose texts are names."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return _without_name(super().log_addition(request, obj, message))  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return _without_name(super().log_change(request, obj, message))  # type: ignore[misc]


def _without_name(entry: LogEntry) -> LogEntry:
    """Changes the entry in the transaction that wrote it, so the name is never committed."""
    entry.object_repr = f"#{entry.object_id}"
    entry.save(update_fields=["object_repr"])
    return entry


def connect() -> None:
    candidates_anonymised.connect(_anonymised, dispatch_uid="jobs.admin_log_erased")


def _anonymised(sender: Any, ids: list[int], **kwargs: Any) -> None:
    """Erases the names that earlier versions stored."""
    applications = Application.objects.filter(candidate__in=ids).values_list("pk", flat=True)
    for model, keys in ((Candidate, ids), (Application, applications)):
        entries = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(model), object_id__in=map(str, keys)
        )
        entries.update(object_repr=Concat(Value("#"), F("object_id")))
