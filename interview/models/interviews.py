"""Interviews, their interviewers, and the history of each interview."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from interview.models.interview_records import InterviewRecord
from interview.models.labels import EVENTS
from interview.models.querysets import InterviewQuerySet
from interview.models.rounds import Room, RoundTemplate
from interview.models.states import NOT_TAKING_PLACE, Side, Status
from realtime.tracking import TrackedQuerySet

OCCUPIES_ROOM = ~Q(status__in=sorted(NOT_TAKING_PLACE))
"""Interviews that occupy their room and interviewers; the constraint below is built from it."""


class Recorded(NamedTuple):
    """The values on which the delay forecast of other interviews depends."""

    room_id: int
    starts_at: datetime
    ends_at: datetime
    status: str
    started_at: datetime | None


class Interview(models.Model):
    """One interview of one application: round, room, time and status.

    Only `interview.services` write it. `version` goes up with every change; a caller names the
    version it read, so that concurrent changes are detected.
    """

    campaign = models.ForeignKey(
        "jobs.Campaign", models.PROTECT, related_name="interviews", verbose_name=_("campaign")
    )
    application = models.ForeignKey(
        "jobs.Application", models.PROTECT, related_name="interviews", verbose_name=_("application")
    )
    round = models.ForeignKey(
        RoundTemplate, models.PROTECT, related_name="interviews", verbose_name=_("round")
    )
    room = models.ForeignKey(
        Room, models.PROTECT, related_name="interviews", verbose_name=_("room")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.SCHEDULED
    )
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    side = models.CharField(_("side"), max_length=12, choices=Side.choices, blank=True)
    follow_up_flag = models.CharField(
        _("flag followed up"), max_length=20, blank=True, default="", db_default="", editable=False
    )
    follow_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=_("followed up by"),
    )
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    invited_as = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="Candidate id used in calendar invitations; set if the candidate was merged.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = InterviewQuerySet.as_manager()

    loaded_placement: tuple[int, datetime] | None = None
    """Room id and start as loaded from the database. After a reschedule it names the previous slot,
    whose room and time are affected too."""

    recorded: Recorded | None = None
    """The values as loaded, or as `live.signals` has recorded them last."""

    class Meta:
        ordering = ["starts_at", "pk"]
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")
        permissions = [("notify_interviewers", _("May notify interviewers"))]
        indexes = [
            models.Index(fields=["campaign", "starts_at"]),
            models.Index(fields=["room", "starts_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="interview_ends_after_it_starts"
            ),
            # Without btree_gist, which not every PostgreSQL has, the room id is compared as a range
            # of one number. Deferrable, so that one statement can shift a whole room.
            ExclusionConstraint(
                name="room_is_not_double_booked",
                expressions=[
                    (
                        Func("room_id", "room_id", Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=OCCUPIES_ROOM,
                deferrable=Deferrable.IMMEDIATE,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def attendee_id(self) -> str:
        """The stable id of the candidate in calendar invitations, such as "c17".

        It survives a merge of candidates: a changed id would make calendars add a second entry.
        """
        return f"c{self.invited_as or self.application.candidate_id}"

    def assignment_list(self) -> list[InterviewAssignment]:
        """The assignments, without a query if the interview comes from `for_rows()`."""
        read: list[InterviewAssignment] | None = self.__dict__.get("loaded_assignments")
        return list(self.assignments.all()) if read is None else read

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        interview = super().from_db(*args, **kwargs)
        read = interview.__dict__
        if "room_id" in read and "starts_at" in read:
            interview.loaded_placement = (interview.room_id, interview.starts_at)
        if read.keys() >= set(Recorded._fields):
            interview.keep_recorded()
        return interview

    def keep_recorded(self) -> None:
        """Remember the present values as those that pages have been told."""
        self.recorded = Recorded(*(getattr(self, name) for name in Recorded._fields))


AnyInterview = Interview | InterviewRecord
"""An interview that is only read, as rules take it."""


class InterviewAssignment(models.Model):
    """One interviewer of one interview, with their response."""

    class Response(models.TextChoices):
        PENDING = "pending", _("Not answered")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    interview = models.ForeignKey(Interview, models.CASCADE, related_name="assignments")
    interviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="interview_assignments",
        verbose_name=_("interviewer"),
    )
    response = models.CharField(
        _("response"), max_length=10, choices=Response.choices, default=Response.PENDING
    )
    decline_reason = models.CharField(_("reason"), max_length=300, blank=True)
    late_minutes = models.PositiveSmallIntegerField(_("late by minutes"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TrackedQuerySet.as_manager()

    loaded_late_minutes = 0
    """The announced delay as loaded from the database."""

    class Meta:
        ordering = ["pk"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "interviewer"], name="one_part_per_interviewer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interviewer} · {self.interview_id}"

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        assignment = super().from_db(*args, **kwargs)
        assignment.loaded_late_minutes = assignment.__dict__.get("late_minutes", 0)
        return assignment


class InterviewEvent(models.Model):
    """One entry in an interview's history: who did what, when and from which source.

    `before` stores the previous state, which undo restores.
    """

    interview = models.ForeignKey(
        Interview, models.CASCADE, related_name="events", verbose_name=_("interview")
    )
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    source = models.CharField(_("source"), max_length=12, default="api")
    action = models.CharField(_("action"), max_length=20, choices=list(EVENTS.items()))
    from_status = models.CharField(
        _("status before"), max_length=12, choices=Status.choices, blank=True
    )
    to_status = models.CharField(_("status after"), max_length=12, choices=Status.choices)
    version = models.PositiveIntegerField(_("version"))
    # Long enough for the reason of a change and the reason to confirm its conflicts.
    reason = models.CharField(_("reason"), max_length=700, blank=True)
    before = models.JSONField(
        _("before"), default=dict, help_text=_("Previous values of the fields; ids and times only.")
    )
    batch = models.UUIDField(
        _("batch"),
        null=True,
        blank=True,
        help_text=_("Changes with the same batch are undone together."),
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("interview event")
        verbose_name_plural = _("interview events")

    def __str__(self) -> str:
        return f"{self.interview_id}: {self.action}"
