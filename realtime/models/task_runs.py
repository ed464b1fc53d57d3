"""Runs of background tasks that users can follow."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from realtime.tracking import TrackedQuerySet


def unguessable_path(run: TaskRun, file_name: str) -> str:
    """A random path for a result file. The file is served by a view that checks access."""
    return f"results/{uuid.uuid4().hex}"


class TaskRun(models.Model):
    """One run of a background task, with its progress and outcome."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        _("kind"), max_length=60, help_text=_("Identifier of the kind of task.")
    )
    title = models.CharField(pgettext_lazy("task", "title"), max_length=160)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(_("steps done"), default=0)
    total = models.PositiveIntegerField(_("total steps"), default=0)
    message = models.CharField(_("message"), max_length=300, blank=True)
    errors = models.PositiveIntegerField(_("problems"), default=0)
    result_url = models.CharField(_("result"), max_length=200, blank=True)
    result_file = models.FileField(
        _("result file"), upload_to=unguessable_path, max_length=100, blank=True
    )
    result_name = models.CharField(_("result file name"), max_length=120, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="task_runs",
        verbose_name=_("started by"),
    )
    can_cancel = models.BooleanField(_("can be cancelled"), default=False)
    cancel_requested_at = models.DateTimeField(
        _("cancellation requested at"), null=True, blank=True
    )
    task = models.CharField(
        _("task"),
        max_length=120,
        blank=True,
        help_text=_("Name of the Celery task; empty if there is none."),
    )
    arguments = models.JSONField(_("arguments"), default=list, blank=True)
    queue = models.CharField(_("queue"), max_length=20, blank=True)
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Language of its texts.")
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=200, blank=True)
    deliveries = models.PositiveSmallIntegerField(
        _("deliveries"), default=0, help_text=_("How many times a worker has started it.")
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("task run")
        verbose_name_plural = _("task runs")
        constraints = [
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="a_key_names_one_run",
            )
        ]
        indexes = [
            models.Index(
                fields=["sent_at"],
                condition=Q(state__in=["queued", "running"]),
                name="runs_under_way",
            )
        ]

    def __str__(self) -> str:
        return self.title
