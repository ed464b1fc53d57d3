"""Rooms, interview rounds and the criteria of each round."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from interview.models.querysets import RoundTemplateQuerySet
from realtime.tracking import TrackedQuerySet


class Room(models.Model):
    """A meeting room or video link. A campaign's interviews in it take place one after another."""

    class Kind(models.TextChoices):
        ROOM = "room", _("Room")
        VIDEO = "video", _("Video")

    campaign = models.ForeignKey(
        "jobs.Campaign", models.CASCADE, related_name="rooms", verbose_name=_("campaign")
    )
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.ROOM)
    directions = models.CharField(_("directions"), max_length=160, blank=True)
    meeting_url = models.URLField(_("meeting link"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="room_names_differ")
        ]

    def __str__(self) -> str:
        return self.name


class RoundTemplate(models.Model):
    """An interview round. A round without a campaign is a default shared by all campaigns."""

    campaign = models.ForeignKey(
        "jobs.Campaign",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="rounds",
        verbose_name=_("campaign"),
    )
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(_("duration in minutes"), default=45)

    objects = RoundTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("round template")
        verbose_name_plural = _("round templates")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"],
                name="round_numbers_differ",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name


class Criterion(models.Model):
    """One criterion of a round, scored from 1 to 5 on its scorecards."""

    round = models.ForeignKey(RoundTemplate, models.CASCADE, related_name="criteria")
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [
            models.UniqueConstraint(fields=["round", "key"], name="criterion_keys_differ")
        ]

    def __str__(self) -> str:
        return self.name
