"""The record of an import: the result of the check, what was written, and how to revert it."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.imports.options import ReadOptions
from jobs.imports.problems import Problem
from jobs.models.access import may_see_everything
from jobs.models.campaigns import Campaign


def unguessable_path(run: ImportRun, file_name: str) -> str:
    """Returns a random path: uploads are never served, and their names may hold personal data."""
    return f"imports/{uuid.uuid4().hex}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> Self:
        """Returns imports into this person's campaigns, and their own imports into no campaign."""
        if may_see_everything(user):
            return self
        mine = Campaign.objects.coordinated_by(user)
        if not mine.exists():
            return self.none()
        return self.filter(Q(campaign__in=mine) | Q(campaign=None, owner=user))


class LearnedColumn(models.Model):
    """The field that coordinators gave a heading by hand, in imports into a campaign."""

    campaign = models.ForeignKey(
        "jobs.Campaign", models.CASCADE, related_name="learned_columns", verbose_name=_("campaign")
    )
    heading = models.CharField(_("heading"), max_length=60, help_text="Letters and digits only.")
    field = models.CharField(_("field"), max_length=20, blank=True, help_text="Empty: ignored.")

    class Meta:
        app_label = "jobs"
        ordering = ["campaign", "heading"]
        verbose_name = _("learned column")
        verbose_name_plural = _("learned columns")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "heading"], name="one_field_per_learned_heading"
            )
        ]

    def __str__(self) -> str:
        return self.heading


class ImportRun(models.Model):
    """The import of one file. Holds row numbers and ids, no personal data."""

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        QUEUED = "queued", _("Importing")
        APPLIED = "applied", _("Imported")
        FAILED = "failed", _("Failed")
        REVERTED = "reverted", _("Undone")

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
    def joining(self) -> int:
        """The number of existing candidates who will join the campaign, when it was checked."""
        count: int = self.findings.get("joining", 0)
        return count

    @property
    def filling(self) -> int:
        """The number of existing candidates whose empty fields are filled."""
        count: int = self.findings.get("filling", 0)
        return count

    @property
    def filled_fields(self) -> list[str]:
        """The fields that are filled for at least one existing candidate."""
        found: list[str] = self.findings.get("filled_fields", [])
        return found

    @property
    def total(self) -> int:
        return self.new + self.known + self.repeated + self.bad

    @property
    def problems(self) -> list[Problem]:
        return [Problem.from_json(stored) for stored in self.findings.get("problems", [])]

    @property
    def hints(self) -> list[Problem]:
        """Likely slips in rows that are imported nevertheless."""
        return [Problem.from_json(stored) for stored in self.findings.get("hints", [])]

    @property
    def hint_count(self) -> int:
        """The number of all hints; `hints` has the first ones."""
        count: int = self.findings.get("hint_count", 0)
        return count

    @property
    def sheets(self) -> list[dict[str, Any]]:
        """The sheets of a workbook, each with "name" and "is_hidden"."""
        found: list[dict[str, Any]] = self.findings.get("sheets", [])
        return found

    @property
    def hidden_rows(self) -> int:
        """The number of rows that the workbook hides. They are imported like the others."""
        count: int = self.findings.get("hidden_rows", 0)
        return count

    @property
    def column_problems(self) -> list[Problem]:
        """The problems with the columns; if there are any, no row has been checked."""
        return [Problem.from_json(stored) for stored in self.findings.get("column_problems", [])]

    @property
    def read_options(self) -> ReadOptions:
        return ReadOptions.from_json(self.reading)

    @property
    def duplicates(self) -> list[dict[str, Any]]:
        """One dict each: "row", "same_as" (row number) or "candidate" (id), "name_differs"."""
        found: list[dict[str, Any]] = self.findings.get("duplicates", [])
        return found

    @property
    def can_be_applied(self) -> bool:
        return self.state == self.State.CHECKED and bool(self.upload)

    @property
    def is_unchecked(self) -> bool:
        """True for a long file that has not been checked and has no task to check it."""
        return self.state == self.State.CHECKING and self.task_id is None


class FilledCandidate(models.Model):
    """The empty fields of an existing candidate that an import has filled.

    Only digests of the values are stored: they tell whether a value is still the import's.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="filled")
    candidate = models.ForeignKey("jobs.Candidate", models.CASCADE, related_name="+")
    digests = models.JSONField(default=dict, help_text="By field.")

    class Meta:
        app_label = "jobs"
        constraints = [
            models.UniqueConstraint(fields=["run", "candidate"], name="one_record_per_filled")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.candidate_id}"
