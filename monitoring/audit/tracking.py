"""Records audit entries for saves, deletions and bulk writes of tracked models, by signals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.signals import post_delete, post_save, pre_save

from monitoring.audit.models import Action
from monitoring.audit.record import record
from monitoring.bulk_signals import rows_changed, rows_created

VisibleRows = Callable[[Any], QuerySet[Any]]
IGNORED_FIELDS = frozenset({"version", "updated_at", "created_at", "last_login"})


@dataclass(frozen=True, slots=True)
class TrackedModel:
    """An audited model. visible_to(user): the rows whose audit entries the user may see."""

    model: type[Model]
    visible_to: VisibleRows


tracked_models: dict[str, TrackedModel] = {}


def track(model: type[Model], *, visible_to: VisibleRows) -> None:
    """Audits every creation, change and deletion of this model's rows from now on."""
    label = model._meta.label_lower
    tracked_models[label] = TrackedModel(model, visible_to)
    uid = f"audit:{label}"
    pre_save.connect(_before_save, sender=model, dispatch_uid=uid)
    post_save.connect(_saved, sender=model, dispatch_uid=uid)
    post_delete.connect(_deleted, sender=model, dispatch_uid=uid)
    rows_created.connect(_created_many, sender=model, dispatch_uid=uid)
    rows_changed.connect(_changed_many, sender=model, dispatch_uid=uid)


def _before_save(sender: Any, instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """Loads the stored row for comparison, unless `update_fields` names what changes."""
    if update_fields is None and not instance._state.adding:
        stored = sender._base_manager.filter(pk=instance.pk).values().first()
        instance.stored_before = stored or {}


def _saved(
    sender: Any,
    instance: Any,
    created: bool,  # noqa: FBT001 as Django sends it
    update_fields: Any = None,
    **kwargs: Any,
) -> None:
    if created:
        _record(sender, Action.CREATE, [instance.pk])
        return
    stored = instance.__dict__.pop("stored_before", {})
    changed = update_fields or [
        field.name
        for field in sender._meta.concrete_fields
        if stored.get(field.attname) != getattr(instance, field.attname)
    ]
    if fields := sorted(set(changed) - IGNORED_FIELDS):
        _record(sender, Action.CHANGE, [instance.pk], fields)


def _deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    _record(sender, Action.DELETE, [instance.pk])


def _created_many(sender: Any, ids: list[int], **kwargs: Any) -> None:
    if ids:
        _record(sender, Action.CREATE, ids)


def _changed_many(sender: Any, ids: list[int], fields: list[str], **kwargs: Any) -> None:
    if ids and (audited := sorted(set(fields) - IGNORED_FIELDS)):
        _record(sender, Action.CHANGE, ids, audited)


def _record(model: type[Model], action: Action, ids: list[int], fields: Iterable[str] = ()) -> None:
    record(action=action, label=model._meta.label_lower, ids=ids, fields=list(fields))
