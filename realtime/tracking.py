"""Change tracking of models: every save, delete and bulk write of a tracked model is recorded.

An app calls `track(Model, record)` once at start-up. `record` gets the changed rows in the same
transaction and writes their markers to the log. Django sends no signal for bulk writes, so a
tracked model uses `TrackedQuerySet`, which calls `record` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save, pre_delete

from monitoring.bulk_signals import BulkSignalsQuerySet

ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)
Recorder = Callable[[Sequence[Any]], None]

_recorders: dict[type[models.Model], dict[Recorder, bool]] = {}


def track(model: type[models.Model], record: Recorder, *, new_rows: bool = True) -> None:
    """Call `record` with every row of this model that changes from now on.

    new_rows: False if a row that has just been created can be shown nowhere yet, because what is
    shown refers to it; then `record` is not called for it. A model may have several recorders; they
    are called in the order of their registration.
    """
    recorders = _recorders.setdefault(model, {})
    if record in recorders:
        return
    recorders[record] = new_rows
    if len(recorders) > 1:
        return

    def row_changed(
        sender: Any, instance: models.Model, *, created: bool = False, **kwargs: Any
    ) -> None:
        _record(model, [instance], are_new=created)

    uid = f"track:{model._meta.label}"
    post_save.connect(row_changed, sender=model, dispatch_uid=uid, weak=False)
    # Before as well as after: the topics that show a row are found through its relations.
    pre_delete.connect(row_changed, sender=model, dispatch_uid=uid, weak=False)
    post_delete.connect(row_changed, sender=model, dispatch_uid=uid, weak=False)


def _record(model: type[models.Model], rows: Sequence[Any], *, are_new: bool = False) -> None:
    for record, new_rows in _recorders[model].items():
        if new_rows or not are_new:
            record(rows)


class TrackedQuerySet(BulkSignalsQuerySet[ModelT]):
    """Records bulk writes, and refuses `update()`, which does not know which rows it changes."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(
            f"{self.model.__name__}.update() would not be recorded; use bulk_update() instead."
        )

    @transaction.atomic(savepoint=False)
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        created = super().bulk_create(objs, *args, **kwargs)
        _record(self.model, created, are_new=not kwargs.get("update_conflicts"))
        return created

    @transaction.atomic(savepoint=False)
    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        rows = list(objs)
        changed = super().bulk_update(rows, fields, batch_size)
        _record(self.model, rows)
        return changed
