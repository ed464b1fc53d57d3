"""Notices: what one person should know."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
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
        EXCUSED = "excused", _("Candidate cannot come")
        TASK_FINISHED = "task_finished", _("Work finished")
        ROBOT_ALARM = "robot_alarm", _("DingTalk robot out of use")

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
    run = models.ForeignKey(
        "realtime.TaskRun",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("task run"),
    )
    told_start = models.DateTimeField(
        _("start told"), null=True, blank=True, help_text=_("The start it told of.")
    )
    told_room = models.CharField(
        _("room told"), max_length=40, blank=True, help_text=_("The room it told of.")
    )
    occasion = models.CharField(
        _("occasion"), max_length=40, blank=True, help_text=_("Why the clock told it, and of when.")
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


class NoticeSettings(models.Model):
    """When and by what a person wants to be told. Notices within the product are always kept."""

    class Subject(models.TextChoices):
        """What one can have by e-mail or not. Plans are one subject: a calendar that heard of
        half of the changes would be wrong.
        """

        PLANS = "plans", _("Interviews planned, moved, cancelled, handed over (with calendar)")
        REMINDERS = "reminders", _("Reminders before interviews")
        ARRIVALS = "arrivals", _("A candidate has arrived")
        LATENESS = "lateness", _("Somebody is running late")
        SCORECARDS = "scorecards", _("Scorecards that are due")
        WORK = "work", _("Work of mine has finished")
        DIGEST = "digest", _("Daily digest")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notice_settings",
        verbose_name=_("user"),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=60,
        blank=True,
        help_text=_("An IANA name such as Asia/Shanghai; none: that of the campaign."),
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    mailed = ArrayField(
        models.CharField(max_length=10, choices=Subject.choices),
        null=True,
        blank=True,
        verbose_name=_("by e-mail"),
        help_text=_("Nothing chosen yet: what the product proposes."),
    )

    class Meta:
        verbose_name = _("notice settings")
        verbose_name_plural = _("notice settings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    def clean(self) -> None:
        """Raises ValidationError on `time_zone` and `quiet_until`."""
        if self.time_zone and self.time_zone not in available_timezones():
            raise ValidationError(
                {"time_zone": _("This is no time zone; write it as in Asia/Shanghai.")}
            )
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValidationError({"quiet_until": _("Quiet hours need a beginning and an end.")})
        if self.quiet_from is not None and self.quiet_from == self.quiet_until:
            raise ValidationError({"quiet_until": _("Quiet hours must end at another time.")})

    def zone(self, otherwise: str) -> ZoneInfo:
        """This person's time zone, or the one he is told of (the campaign's)."""
        return ZoneInfo(self.time_zone or otherwise)
