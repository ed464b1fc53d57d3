"""Interviews planned together: the frame somebody gave, and a line for each application."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from interview.models.interviews import Interview
from interview.models.rounds import Room, RoundTemplate
from interview.models.time_spans import TimeSpan
from jobs.models import Campaign
from realtime.models import TaskRun

BUSY = (TaskRun.State.QUEUED, TaskRun.State.RUNNING)


class BulkPlanQuerySet(models.QuerySet["BulkPlan"]):
    def visible_to(self, user: Any) -> Self:
        """The plans of campaigns this person coordinates."""
        return self.filter(campaign__in=Campaign.objects.coordinated_by(user))


class BulkPlan(models.Model):
    """A frame (rooms, people, days, hours) in which many applications are to be interviewed.

    Ids and times only. `version` goes up with every change, so that nobody applies or changes what
    he has not seen.
    """

    campaign = models.ForeignKey("jobs.Campaign", models.CASCADE, related_name="bulk_plans")
    round = models.ForeignKey(RoundTemplate, models.PROTECT, verbose_name=_("round"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="bulk_plans",
        verbose_name=_("made by"),
    )
    rooms = ArrayField(models.BigIntegerField(), verbose_name=_("rooms"))
    interviewers = ArrayField(models.BigIntegerField(), verbose_name=_("interviewers"))
    days = ArrayField(models.DateField(), verbose_name=_("days"))
    opens_at = models.TimeField(_("from"))
    closes_at = models.TimeField(_("until"))
    slot_minutes = models.PositiveSmallIntegerField(_("minutes each"))
    buffer_minutes = models.PositiveSmallIntegerField(_("minutes between"))
    people_each = models.PositiveSmallIntegerField(_("interviewers each"), default=1)
    daily_limit = models.PositiveSmallIntegerField(_("interviews a person and day"))
    task = models.ForeignKey(TaskRun, models.SET_NULL, null=True, related_name="bulk_plans")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = BulkPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("bulk plan")
        verbose_name_plural = _("bulk plans")

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_busy(self) -> bool:
        """A worker has it, or will: nobody else changes it meanwhile."""
        return self.task is not None and self.task.state in BUSY

    @property
    def buffer(self) -> timedelta:
        return timedelta(minutes=self.buffer_minutes)


class BulkLine(models.Model):
    """One application of a plan: where it shall be interviewed, or why it is not."""

    class Problem(models.TextChoices):
        """Why no place was found, or why the interview was not made."""

        NO_TIMES = "no_times", _("No time lies ahead within these days and hours.")
        ROOMS_TAKEN = "rooms_taken", _("All rooms are taken at every time that is left.")
        PEOPLE_TAKEN = "people_taken", _("Too few interviewers are free, or below their limit.")
        CANDIDATE_BUSY = "candidate_busy", _("The candidate has another interview at every time.")
        REFUSED = "refused", _("It was refused.")

    plan = models.ForeignKey(BulkPlan, models.CASCADE, related_name="lines")
    application = models.ForeignKey("jobs.Application", models.CASCADE, related_name="bulk_lines")
    position = models.PositiveIntegerField()
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    room = models.ForeignKey(Room, models.SET_NULL, null=True, blank=True, related_name="+")
    interviewers = ArrayField(models.BigIntegerField(), default=list)
    is_locked = models.BooleanField(default=False)
    is_left_out = models.BooleanField(default=False)
    override_reason = models.CharField(max_length=300, blank=True)
    problem = models.CharField(max_length=16, choices=Problem.choices, blank=True)
    refusal = models.CharField(
        max_length=300, blank=True, help_text=_("The words of the refusal, for its coordinator.")
    )
    interview = models.OneToOneField(
        Interview, models.SET_NULL, null=True, blank=True, related_name="bulk_line"
    )

    class Meta:
        ordering = ["position"]
        verbose_name = _("line of a bulk plan")
        verbose_name_plural = _("lines of a bulk plan")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "application"], name="one_line_per_application_and_plan"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.position}"

    @property
    def span(self) -> TimeSpan | None:
        if self.starts_at is None or self.ends_at is None:
            return None
        return TimeSpan(self.starts_at, self.ends_at)

    @property
    def is_placed(self) -> bool:
        """It names time, room and people, and has not become an interview yet."""
        has_place = self.span is not None and self.room_id is not None and self.interviewers
        return bool(has_place) and not self.is_left_out and self.interview_id is None
