"""Campaigns and their members."""

from __future__ import annotations

from typing import Any, Self
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.access import COORDINATOR_ROLES, WALL_ROLES, may_see_everything
from monitoring.bulk_signals import BulkSignalsQuerySet
from monitoring.http.dates import validate_year


class CampaignQuerySet(BulkSignalsQuerySet["Campaign"]):
    def coordinated_by(self, user: Any) -> Self:
        """Returns the campaigns in which this person is a coordinator."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(members__user=user, members__role__in=COORDINATOR_ROLES)

    def wall_visible_to(self, user: Any) -> Self:
        """Returns the campaigns whose wall this person may open, as coordinator or wall account."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(members__user=user, members__role__in=WALL_ROLES)


class Campaign(models.Model):
    """A hiring campaign in one place. Each board shows one campaign."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    city = models.CharField(_("city"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    is_open = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CampaignQuerySet.as_manager()

    zone_before: str | None = None
    """The previous time zone while a save changes it: local times on boards change with it."""

    class Meta:
        ordering = ["-is_open", "-starts_on", "name"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raise ValidationError by field for an unknown time zone or a year that is not allowed."""
        if self.time_zone not in available_timezones():
            raise ValidationError({"time_zone": _("This time zone does not exist.")})
        for name in ("starts_on", "ends_on"):
            day = getattr(self, name)
            try:
                if day is not None:
                    validate_year(day)
            except ValidationError as error:
                raise ValidationError({name: error.messages}) from None


class CampaignMember(models.Model):
    """A user's role in a campaign."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        WALL = "wall", _("Wall screen")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="campaign_memberships",
        verbose_name=_("user"),
    )
    role = models.CharField(
        _("role"), max_length=12, choices=Role.choices, default=Role.COORDINATOR
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="one_membership_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.campaign}"
