"""Notices on their way out of the house: one row for each recipient and channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interview.models.interviews import Interview
from interview.models.notifications import Notification


class Robot(models.Model):
    """A DingTalk group robot. Its address and secret are credentials: the environment holds them
    under this name.
    """

    name = models.SlugField(_("name"), max_length=40, unique=True)
    campaign = models.ForeignKey(
        "jobs.Campaign",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="robots",
        verbose_name=_("campaign"),
        help_text=_("Whose notices go to its group; none: those of every campaign."),
    )
    is_enabled = models.BooleanField(_("in use"), default=True)
    alarm = models.CharField(
        _("alarm"), max_length=300, blank=True, help_text=_("Why it was put out of use.")
    )
    rests_until = models.DateTimeField(
        _("rests until"), null=True, blank=True, help_text=_("Nothing is sent before.")
    )
    rest_reason = models.CharField(
        _("reason of the rest"), max_length=20, blank=True, help_text=_("A code of an answer.")
    )
    failures = models.PositiveSmallIntegerField(
        _("failures"), default=0, help_text=_("Attempts in a row that were not answered as hoped.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("DingTalk robot")
        verbose_name_plural = _("DingTalk robots")
        permissions = [("send_test_message", "May send a test message")]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message to one recipient on one channel, written in the transaction of the change it
    tells of. It keeps facts, not sentences: the words are found when it is sent.

    queued → sending → sent | failed (is tried again) | dead (is not; a person decides), or
    expired (came too late to be of use), or withdrawn (no longer true before it was sent).
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        DINGTALK = "dingtalk", _("DingTalk")

    class Event(models.TextChoices):
        """What a notice tells, and what only a message outside of the product does."""

        ASSIGNED = Notification.Event.ASSIGNED.value, Notification.Event.ASSIGNED.label
        UNASSIGNED = Notification.Event.UNASSIGNED.value, Notification.Event.UNASSIGNED.label
        MOVED = Notification.Event.MOVED.value, Notification.Event.MOVED.label
        CANCELLED = Notification.Event.CANCELLED.value, Notification.Event.CANCELLED.label
        ARRIVED = Notification.Event.ARRIVED.value, Notification.Event.ARRIVED.label
        REMINDER = Notification.Event.REMINDER.value, Notification.Event.REMINDER.label
        FEEDBACK_DUE = Notification.Event.FEEDBACK_DUE.value, Notification.Event.FEEDBACK_DUE.label
        LATE = Notification.Event.LATE.value, Notification.Event.LATE.label
        TASK_FINISHED = (
            Notification.Event.TASK_FINISHED.value,
            Notification.Event.TASK_FINISHED.label,
        )
        EXCUSED = Notification.Event.EXCUSED.value, Notification.Event.EXCUSED.label
        RECEIVED = "received", _("Application received")
        OFFERED = "offered", _("Other times offered")
        DIGEST = "digest", _("Daily digest")
        TEST = "test", _("Test message")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed, is tried again")
        DEAD = "dead", _("Given up")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("message", "Withdrawn")

    class Priority(models.IntegerChoices):
        DAY_OF = 0, _("Alarm of the day")
        CHANGE = 1, _("Change")
        REMINDER = 2, _("Reminder")
        DIGEST = 3, _("Digest")

    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    event = models.CharField(_("subject"), max_length=14, choices=Event.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("person"),
    )
    candidate = models.ForeignKey(
        "jobs.Candidate",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("candidate"),
    )
    robot = models.ForeignKey(
        Robot,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("robot"),
    )
    interview = models.ForeignKey(
        Interview,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("interview"),
    )
    facts = models.JSONField(
        _("facts"),
        default=dict,
        blank=True,
        help_text=_("What was so when it was written: start, end, room. No personal data."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.CHANGE
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=160, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(_("due at"), help_text=_("Not sent earlier."))
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("Worthless from then on.")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(_("sending since"), null=True, blank=True)
    tried_at = models.DateTimeField(
        _("tried at"), null=True, blank=True, help_text=_("When it may have left the house last.")
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    reason = models.CharField(
        _("reason"), max_length=20, blank=True, help_text=_("A code; see the answers' list.")
    )
    answer = models.CharField(
        _("answer"), max_length=300, blank=True, help_text=_("What the other side said, decoded.")
    )
    folded_into = models.UUIDField(
        _("digest"), null=True, blank=True, help_text=_("The message it went out in with others.")
    )
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("resend_delivery", _("May send a message again"))]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(person__isnull=False, candidate=None, robot=None)
                    | Q(person=None, candidate__isnull=False, robot=None)
                    | Q(person=None, candidate=None, robot__isnull=False)
                ),
                name="a_delivery_has_one_recipient",
            )
        ]
        indexes = [
            models.Index(
                fields=["channel", "priority", "due_at"],
                condition=Q(state__in=["queued", "failed"]),
                name="deliveries_waiting",
            ),
            models.Index(
                fields=["state", "-id"],
                condition=Q(state__in=["sending", "dead"]),
                name="deliveries_held",
            ),
            models.Index(fields=["interview", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()} · {self.get_channel_display()}"
