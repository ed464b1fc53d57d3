"""Keeps candidates when the import that created them is reverted. `merging.execute` calls it."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from jobs.models.imports import FilledCandidate, ImportRun


def keep_on_revert(candidates: Collection[int]) -> None:
    """Removes these candidates from the records of what reverting an import would undo.

    A candidate that somebody has merged is no longer only the import's, nor are filled fields.
    """
    FilledCandidate.objects.filter(candidate__in=candidates).delete()
    imported = Q(created_candidates__overlap=list(candidates))
    imported |= Q(joined_candidates__overlap=list(candidates))
    runs = ImportRun.objects.select_for_update().filter(imported).order_by("pk")
    for run in runs.only("created_candidates", "joined_candidates"):
        for field in ("created_candidates", "joined_candidates"):
            setattr(run, field, [pk for pk in getattr(run, field) if pk not in candidates])
        run.save(update_fields=["created_candidates", "joined_candidates"])
