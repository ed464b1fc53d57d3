"""People who stay when the import that brought them is taken back."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from jobs.imports.models import ImportRun


def keep_on_revert(candidates: Collection[int]) -> None:
    """Whom somebody has worked on since does not go with the file that once brought him."""
    brought = Q(created_candidates__overlap=list(candidates))
    brought |= Q(joined_candidates__overlap=list(candidates))
    runs = ImportRun.objects.select_for_update().filter(brought).order_by("pk")
    for run in runs.only("created_candidates", "joined_candidates"):
        for field in ("created_candidates", "joined_candidates"):
            setattr(run, field, [pk for pk in getattr(run, field) if pk not in candidates])
        run.save(update_fields=["created_candidates", "joined_candidates"])
