"""In-app notices, and each person's notification settings."""

from __future__ import annotations

from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from interview.models.interviews import Interview, InterviewAssignment
from realtime.tracking import TrackedQuerySet


class NotificationQuerySet(TrackedQuerySet["Notification"]):
    def for_reading(self) -> Self:
        """With all that the text needs, and whether the recipient has declined the interview."""
        declined = InterviewAssignment.objects.filter(
            interview=OuterRef("interview"),
            interviewer=OuterRef("recipient"),
            response=InterviewAssignment.Response.DECLINED,
        )
        return self.select_related(
            "run",
            "interview__application__candidate",
            "interview__campaign",
            "recipient__personal_settings",
            "recipient__notice_settings",
        ).annotate(is_declined=Exists(declined))


class Notification(models.Model):
    """One in-app notice for one person, created in the transaction of the change it reports."""

    class Event(models.TextChoices):
        ASSIGNED = "assigned", _("New interview")
        UNASSIGNED = "unassigned", _("Interview reassigned")
        MOVED = "moved", _("Interview rescheduled")
        CANCELLED = "cancelled", _("Interview cancelled")
        ARRIVED = "arrived", _("Candidate arrived")
        REMINDER = "reminder", _("Reminder")
        FEEDBACK_DUE = "feedback_due", _("Scorecard due")
        LATE = "late", _("Running late")
        EXCUSED = "excused", _("Candidate cannot come")
        TASK_FINISHED = "task_finished", _("Task finished")
        ROBOT_ALARM = "robot_alarm", _("DingTalk robot disabled")

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
        _("reported start"), null=True, blank=True, help_text=_("The start that the notice names.")
    )
    told_expected = models.DateTimeField(
        _("expected start"),
        null=True,
        blank=True,
        help_text=_("Expected start when the notice was sent, if it was later than planned."),
    )
    told_room = models.CharField(
        _("reported room"),
        max_length=40,
        blank=True,
        help_text=_("The room that the notice names."),
    )
    occasion = models.CharField(
        _("occasion"),
        max_length=40,
        blank=True,
        help_text=_("Reason and time of a notice that was triggered by the clock."),
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    at = models.DateTimeField(_("time"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    is_declined = False
    """Whether the recipient has declined the interview, and reads no more of it (`for_reading`)."""

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [models.Index(fields=["recipient", "-at"])]

    def __str__(self) -> str:
        return f"{self.event} #{self.pk}"


class NoticeSettings(models.Model):
    """One person's time zone, quiet hours and e-mail subjects. In-app notices are always kept."""

    class Subject(models.TextChoices):
        """Groups of events that a person can receive by e-mail or not.

        All changes of a schedule are one subject: a calendar that receives only some of them would
        show wrong times.
        """

        PLANS = (
            "plans",
            _("Interviews scheduled, rescheduled, cancelled or reassigned (with calendar)"),
        )
        REMINDERS = "reminders", _("Reminders before interviews")
        ARRIVALS = "arrivals", _("A candidate has arrived")
        LATENESS = "lateness", _("Somebody is running late")
        SCORECARDS = "scorecards", _("Scorecards due")
        WORK = "work", _("One of my tasks has finished")
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
        help_text=_("An IANA name such as Asia/Shanghai. Empty: the campaign's time zone."),
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    mailed = ArrayField(
        models.CharField(max_length=10, choices=Subject.choices),
        null=True,
        blank=True,
        verbose_name=_("by e-mail"),
        help_text=_("Empty: the default subjects."),
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
        """Raise ValidationError on `time_zone` or `quiet_until` if they are not valid."""
        if self.time_zone and self.time_zone not in available_timezones():
            raise ValidationError(
                {"time_zone": _("Unknown time zone. Enter an IANA name such as Asia/Shanghai.")}
            )
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValidationError(
                {"quiet_until": _("Enter both the start and the end of quiet hours.")}
            )
        if self.quiet_from is not None and self.quiet_from == self.quiet_until:
            raise ValidationError(
                {"quiet_until": _("Quiet hours must end at a different time than they start.")}
            )

    def zone(self, default: str) -> ZoneInfo:
        """This person's time zone; `default` (the campaign's) if none is chosen."""
        return ZoneInfo(self.time_zone or default)
