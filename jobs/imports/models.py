"""The record of one import: what was found in the file, what was written, how to take it back."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.imports.options import ReadOptions
from jobs.imports.problems import Problem
from jobs.querysets import ImportRunQuerySet


def unguessable_path(run: ImportRun, file_name: str) -> str:
    """Uploads are served to nobody; a name that tells nothing keeps them apart all the same."""
    return f"imports/{uuid.uuid4().hex}"


class ImportRun(models.Model):
    """One file of candidates on its way in. Holds no personal data itself: row numbers and ids."""

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        QUEUED = "queued", _("Importing")
        APPLIED = "applied", _("Imported")
        FAILED = "failed", _("Failed")
        REVERTED = "reverted", _("Taken back")

    class Rows(models.TextChoices):
        VALID = "valid", _("Import all valid rows")
        ALL = "all", _("Import nothing if any row has a problem")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    upload = models.FileField(upload_to=unguessable_path, max_length=100, blank=True)
    campaign = models.ForeignKey(
        "jobs.Campaign",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="imports",
        verbose_name=_("campaign"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="imports",
        verbose_name=_("by"),
    )
    task = models.ForeignKey("realtime.TaskRun", models.SET_NULL, null=True, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.CHECKED
    )
    rows = models.CharField(_("rows"), max_length=5, choices=Rows.choices, default=Rows.VALID)
    new = models.PositiveIntegerField(_("new"), default=0)
    known = models.PositiveIntegerField(_("already known"), default=0)
    repeated = models.PositiveIntegerField(_("repeated"), default=0)
    bad = models.PositiveIntegerField(_("with problems"), default=0)
    findings = models.JSONField(default=dict, help_text="Problems and duplicates; capped.")
    reading = models.JSONField(default=dict, help_text="Encoding, separator and columns as read.")
    rejected = models.FileField(upload_to=unguessable_path, max_length=100, blank=True)
    message = models.CharField(max_length=300, blank=True)
    created_candidates = ArrayField(models.BigIntegerField(), default=list)
    joined_candidates = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(_("time"), auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    reverted_at = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        app_label = "jobs"
        ordering = ["-created_at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name

    @property
    def total(self) -> int:
        return self.new + self.known + self.repeated + self.bad

    @property
    def problems(self) -> list[Problem]:
        return [Problem.from_json(stored) for stored in self.findings.get("problems", [])]

    @property
    def column_problems(self) -> list[Problem]:
        """Why nobody knows yet what the columns mean; nothing else has been looked at then."""
        return [Problem.from_json(stored) for stored in self.findings.get("column_problems", [])]

    @property
    def read_options(self) -> ReadOptions:
        return ReadOptions.from_json(self.reading)

    @property
    def duplicates(self) -> list[dict[str, Any]]:
        """{"row", "same_as" (a row) or "candidate" (an id), "name_differs"} for each."""
        found: list[dict[str, Any]] = self.findings.get("duplicates", [])
        return found

    @property
    def can_be_applied(self) -> bool:
        return self.state == self.State.CHECKED and bool(self.upload)

    @property
    def is_unchecked(self) -> bool:
        """Too long a file to be checked at once, and no worker has been asked to."""
        return self.state == self.State.CHECKING and self.task_id is None
