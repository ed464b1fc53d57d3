"""Signals for bulk writes, for which Django sends none. The audit and live lists listen to them."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, transaction
from django.dispatch import Signal

ModelT = TypeVar("ModelT", bound=models.Model, covariant=True)

rows_created = Signal()
"""Sent with `ids` after bulk_create(); the sender is the model."""

rows_changed = Signal()
"""Sent with `ids` and `fields` after bulk_update() and update(); the sender is the model."""


class BulkSignalsQuerySet(models.QuerySet[ModelT]):
    """Sends `rows_created` and `rows_changed` in the transaction of a bulk write."""

    @transaction.atomic(savepoint=False)
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        created = super().bulk_create(objs, *args, **kwargs)
        rows_created.send(sender=self.model, ids=[row.pk for row in created if row.pk])
        return created

    @transaction.atomic(savepoint=False)
    def bulk_update(self, objs: Any, fields: Any, batch_size: int | None = None) -> int:
        rows = list(objs)
        # Django's own bulk_update ends in update(), which would send a second signal.
        plain: models.QuerySet[Any] = models.QuerySet(self.model, using=self.db)
        changed = plain.bulk_update(rows, fields, batch_size)
        rows_changed.send(sender=self.model, ids=[row.pk for row in rows], fields=list(fields))
        return changed

    @transaction.atomic(savepoint=False)
    def update(self, **kwargs: Any) -> int:
        """Loads the ids of the rows first, so use it for subsets, not for whole tables."""
        ids = list(self.values_list("pk", flat=True))
        changed = models.QuerySet(self.model, using=self.db).filter(pk__in=ids).update(**kwargs)
        rows_changed.send(sender=self.model, ids=ids, fields=list(kwargs))
        return changed
