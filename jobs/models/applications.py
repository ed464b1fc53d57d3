"""Applications for jobs, and their history."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.access import may_see_everything
from jobs.models.candidates import Candidate
from jobs.models.openings import Job
from monitoring.bulk_signals import BulkSignalsQuerySet


class ApplicationQuerySet(BulkSignalsQuerySet["Application"]):
    def visible_to(self, user: Any) -> Self:
        """Returns the applications in the campaigns that this person coordinates."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(
            job__campaign__members__user=user, job__campaign__members__role="coordinator"
        )


class Application(models.Model):
    """A candidate's application for a job, with its current stage."""

    class Stage(models.TextChoices):
        APPLIED = "applied", _("Applied")
        SCREENING = "screening", _("Screening")
        INTERVIEWING = "interviewing", _("Interviewing")
        OFFER = "offer", _("Offer")
        HIRED = "hired", _("Hired")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    candidate = models.ForeignKey(
        Candidate, models.PROTECT, related_name="applications", verbose_name=_("candidate")
    )
    job = models.ForeignKey(Job, models.PROTECT, related_name="applications", verbose_name=_("job"))
    stage = models.CharField(
        _("stage"), max_length=12, choices=Stage.choices, default=Stage.APPLIED
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "job"], name="one_application_per_candidate_and_job"
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="applications_newest_first")]

    def __str__(self) -> str:
        return f"{self.candidate} → {self.job}"


class ApplicationEvent(models.Model):
    """A stage change in an application's history. Rows are never changed after they are written."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="events", verbose_name=_("application")
    )
    at = models.DateTimeField(_("time"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    from_stage = models.CharField(
        _("stage before"), max_length=12, choices=Application.Stage.choices, blank=True
    )
    to_stage = models.CharField(_("stage after"), max_length=12, choices=Application.Stage.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("application event")
        verbose_name_plural = _("application events")

    def __str__(self) -> str:
        return f"{self.application_id}: {self.to_stage}"
