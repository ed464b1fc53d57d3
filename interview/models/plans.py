"""Bulk plans: many applications scheduled together, with one line for each application."""

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

UNFINISHED = (TaskRun.State.QUEUED, TaskRun.State.RUNNING)


class BulkPlanQuerySet(models.QuerySet["BulkPlan"]):
    def visible_to(self, user: Any) -> Self:
        """The plans of campaigns this person coordinates."""
        return self.filter(campaign__in=Campaign.objects.coordinated_by(user))


class BulkPlan(models.Model):
    """Rooms, interviewers, days and hours within which many applications are to be interviewed.

    It stores ids and times only. `version` goes up with every change; a caller names the version it
    read, so that nobody applies a plan they have not seen.
    """

    campaign = models.ForeignKey("jobs.Campaign", models.CASCADE, related_name="bulk_plans")
    round = models.ForeignKey(RoundTemplate, models.PROTECT, verbose_name=_("round"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="bulk_plans",
        verbose_name=_("created by"),
    )
    rooms = ArrayField(models.BigIntegerField(), verbose_name=_("rooms"))
    interviewers = ArrayField(models.BigIntegerField(), verbose_name=_("interviewers"))
    days = ArrayField(models.DateField(), verbose_name=_("days"))
    opens_at = models.TimeField(_("from"))
    closes_at = models.TimeField(_("until"))
    slot_minutes = models.PositiveSmallIntegerField(_("minutes per interview"))
    buffer_minutes = models.PositiveSmallIntegerField(_("minutes between interviews"))
    people_each = models.PositiveSmallIntegerField(_("interviewers per interview"), default=1)
    daily_limit = models.PositiveSmallIntegerField(_("interviews per person and day"))
    task = models.ForeignKey(TaskRun, models.SET_NULL, null=True, related_name="bulk_plans")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
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
        """True while its task is queued or running; nobody else may change it then."""
        return self.task is not None and self.task.state in UNFINISHED

    @property
    def buffer(self) -> timedelta:
        return timedelta(minutes=self.buffer_minutes)


class BulkLine(models.Model):
    """One application of a plan, with its proposed slot or the reason why it has none."""

    class Problem(models.TextChoices):
        """Why no slot was found, or why the interview was not created."""

        NO_TIMES = "no_times", _("These days and hours contain no future time.")
        ROOMS_TAKEN = "rooms_taken", _("All rooms are taken at every remaining time.")
        PEOPLE_TAKEN = (
            "people_taken",
            _("Too few interviewers are free and below their daily limit."),
        )
        CANDIDATE_BUSY = (
            "candidate_busy",
            _("The candidate has another interview at every remaining time."),
        )
        REFUSED = "refused", _("The interview could not be created.")

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
        max_length=300,
        blank=True,
        help_text=_("Why the interview could not be created, for the coordinator."),
    )
    interview = models.OneToOneField(
        Interview, models.SET_NULL, null=True, blank=True, related_name="bulk_line"
    )

    class Meta:
        ordering = ["position"]
        verbose_name = _("bulk plan line")
        verbose_name_plural = _("bulk plan lines")
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
        """True if time, room and interviewers are set and no interview has been created yet."""
        has_slot = self.span is not None and self.room_id is not None and self.interviewers
        return bool(has_slot) and not self.is_left_out and self.interview_id is None
