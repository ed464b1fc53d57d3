"""The record of a finished backup, from which every process can tell the age of the last one."""

from __future__ import annotations

from django.db import models


class Backup(models.Model):
    """A finished backup. `project.backups` writes it after the archive is complete.

    taken_at: the moment whose data the archive contains; size in bytes; seconds it took.
    """

    taken_at = models.DateTimeField(unique=True)
    size = models.BigIntegerField()
    seconds = models.FloatField()
    is_encrypted = models.BooleanField()

    class Meta:
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return self.taken_at.isoformat()
