"""Tracked models: every save, delete and bulk write of theirs is recorded as a change of some
topics.

An app calls `track(Model, record)` once; `record` gets the rows that changed, in the same
transaction. Django sends no signal for bulk writes, so a tracked model's queryset calls `record`
itself, and refuses `update()`, which does not know its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save, pre_delete

from monitoring.bulk_signals import BulkSignalsQuerySet

ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)
Recorder = Callable[[Sequence[Any]], None]

_recorders: dict[type[models.Model], Recorder] = {}


def track(model: type[models.Model], record: Recorder) -> None:
    """Record the changes of this model's rows from now on."""
    _recorders[model] = record

    def saved(sender: Any, instance: models.Model, **kwargs: Any) -> None:
        record([instance])

    uid = f"track:{model._meta.label}"
    post_save.connect(saved, sender=model, dispatch_uid=uid, weak=False)
    # Before as well as after: what hangs on the row is only known while it is still there.
    pre_delete.connect(saved, sender=model, dispatch_uid=uid, weak=False)
    post_delete.connect(saved, sender=model, dispatch_uid=uid, weak=False)


class TrackedQuerySet(BulkSignalsQuerySet[ModelT]):
    """A queryset whose bulk writes are announced, and whose blind ones are refused."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"{self.model.__name__}.update() would be missed by watching boards; use bulk_update()."
        )

    @transaction.atomic
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        created = super().bulk_create(objs, *args, **kwargs)
        _recorders[self.model](created)
        return created

    @transaction.atomic
    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        rows = list(objs)
        changed = super().bulk_update(rows, fields, batch_size)
        _recorders[self.model](rows)
        return changed
