"""Jobs: the openings that candidates apply for."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.access import may_see_everything
from jobs.models.campaigns import Campaign
from monitoring.bulk_signals import BulkSignalsQuerySet


class JobQuerySet(BulkSignalsQuerySet["Job"]):
    def public(self) -> Self:
        """Returns the openings of the public site: published, not confidential, campaign open."""
        return self.filter(is_published=True, is_confidential=False, campaign__is_open=True)

    def visible_to(self, user: Any) -> Self:
        """Returns all openings of the campaigns that this person coordinates."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(campaign__members__user=user, campaign__members__role="coordinator")


class Job(models.Model):
    """An opening that candidates apply for within a campaign."""

    class Kind(models.TextChoices):
        FULL_TIME = "full_time", _("Full-time")
        INTERNSHIP = "internship", _("Internship")
        PART_TIME = "part_time", _("Part-time")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="jobs", verbose_name=_("campaign")
    )
    title = models.CharField(_("title"), max_length=120)
    department = models.CharField(_("department"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.FULL_TIME)
    headcount = models.PositiveSmallIntegerField(_("openings"), default=1)
    responsibilities = models.TextField(_("responsibilities"), blank=True)
    requirements = models.TextField(_("requirements"), blank=True)
    is_published = models.BooleanField(_("published"), default=False)
    is_confidential = models.BooleanField(_("confidential"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return self.title
