"""The record of what an export file shows. It holds ids only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportFile(models.Model):
    """The list, rows and candidates of the result file of one export.

    The right to the file is asked again from it at each download, and an erasure finds by it the
    files that name a person.
    """

    run = models.OneToOneField("realtime.TaskRun", models.CASCADE, related_name="export_file")
    table = models.CharField(max_length=40)
    rows = ArrayField(models.BigIntegerField(), default=list)
    candidates = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name = _("export file")
        verbose_name_plural = _("export files")

    def __str__(self) -> str:
        return f"{self.table}: {len(self.rows)}"
