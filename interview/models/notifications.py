"""Notices: what one person should know."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from interview.models.interviews import Interview
from realtime.tracking import TrackedQuerySet


class Notification(models.Model):
    """Something one person should know, written in the transaction of the change it tells of."""

    class Event(models.TextChoices):
        ASSIGNED = "assigned", _("New interview")
        UNASSIGNED = "unassigned", _("Interview handed over")
        MOVED = "moved", _("Interview moved")
        CANCELLED = "cancelled", _("Interview cancelled")
        ARRIVED = "arrived", _("Candidate arrived")
        REMINDER = "reminder", _("Reminder")
        FEEDBACK_DUE = "feedback_due", _("Scorecard due")
        LATE = "late", _("Running late")
        TASK_FINISHED = "task_finished", _("Work finished")

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notifications",
        verbose_name=_("recipient"),
    )
    event = models.CharField(_("subject"), max_length=14, choices=Event.choices)
    interview = models.ForeignKey(
        Interview,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        verbose_name=_("interview"),
    )
    told_start = models.DateTimeField(
        _("start told"), null=True, blank=True, help_text=_("The start it told of.")
    )
    told_room = models.CharField(
        _("room told"), max_length=40, blank=True, help_text=_("The room it told of.")
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    at = models.DateTimeField(_("time"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [models.Index(fields=["recipient", "-at"])]

    def __str__(self) -> str:
        return f"{self.event} #{self.pk}"
