"""Outgoing messages (e-mail and DingTalk): one row for each recipient and channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interview.models import delivery_channels
from interview.models.interviews import Interview
from interview.models.notifications import Notification


class Robot(models.Model):
    """A DingTalk group robot.

    Its webhook address and signing secret are credentials. They come from the environment variable
    DINGTALK_ROBOTS, looked up by `name`, and are never stored here.
    """

    name = models.SlugField(_("name"), max_length=40, unique=True)
    campaign = models.ForeignKey(
        "jobs.Campaign",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="robots",
        verbose_name=_("campaign"),
        help_text=_("Notices of this campaign go to the group. Empty: notices of every campaign."),
    )
    is_enabled = models.BooleanField(_("in use"), default=True)
    alarm = models.CharField(
        _("alarm"), max_length=300, blank=True, help_text=_("Why the robot was disabled.")
    )
    rests_until = models.DateTimeField(
        _("paused until"),
        null=True,
        blank=True,
        help_text=_("No message is sent before this time."),
    )
    rest_reason = models.CharField(
        _("reason for the pause"),
        max_length=20,
        blank=True,
        help_text=_("Code of DingTalk's response."),
    )
    failures = models.PositiveSmallIntegerField(
        _("failures"), default=0, help_text=_("Number of failed attempts in a row.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("DingTalk robot")
        verbose_name_plural = _("DingTalk robots")
        permissions = [("send_test_message", "May send a test message")]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message to one recipient on one channel.

    It is created in the transaction of the change that it reports, and stores facts instead of
    text: the text is rendered when the message is sent.

    States: queued → sending → sent | failed (will be retried) | dead (will not be retried; a person
    decides). A waiting message can also become expired (too late to be useful) or withdrawn (no
    longer true).
    """

    RECIPIENT_FIELDS = ("person", "candidate", "robot", "applicant")  # exactly one of them is set

    class Event(models.TextChoices):
        """All events of in-app notices, plus those that exist only as messages."""

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
        CONFIRM = "confirm", _("E-mail address to be confirmed")
        RECEIVED = "received", _("Application received")
        OFFERED = "offered", _("Other times offered")
        DIGEST = "digest", _("Daily digest")
        PRIVACY = "privacy", _("Personal data to erase")
        TEST = "test", _("Test message")
        ACCOUNT = "account", _("Account notice")
        PASSWORD_RESET = "password_reset", _("Link to set a new password")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed, will be retried")
        DEAD = "dead", _("Given up")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("message", "Withdrawn")

    class Priority(models.IntegerChoices):
        DAY_OF = 0, _("Alarm of the day")
        CHANGE = 1, _("Change")
        REMINDER = 2, _("Reminder")
        DIGEST = 3, _("Digest")

    channel = models.CharField(_("channel"), max_length=10, choices=delivery_channels.choices)
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
    applicant = models.ForeignKey(
        "jobs.PendingApplication",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("applicant"),
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
        help_text=_("State at the time of the change: start, end, room. No personal data."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.CHANGE
    )
    idempotency_key = models.CharField(_("idempotency key"), max_length=160, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(
        _("due at"), help_text=_("The message is not sent before this time.")
    )
    expires_at = models.DateTimeField(
        _("expires at"),
        null=True,
        blank=True,
        help_text=_("The message is not sent after this time."),
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(_("sending since"), null=True, blank=True)
    tried_at = models.DateTimeField(
        _("tried at"), null=True, blank=True, help_text=_("Last time an attempt to send it began.")
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    reason = models.CharField(
        _("reason"), max_length=20, blank=True, help_text=_("Code of the failure reason.")
    )
    answer = models.CharField(
        _("answer"),
        max_length=300,
        blank=True,
        help_text=_("Decoded response of the mail server or of DingTalk."),
    )
    sent_to = models.CharField(
        _("sent to"),
        max_length=32,
        blank=True,
        default="",
        db_default="",
        help_text=_("Keyed digest of the address, to notice that it was corrected since."),
    )
    folded_into = models.UUIDField(
        _("digest"),
        null=True,
        blank=True,
        help_text=_("Id of the combined message that included this one."),
    )
    withdrawn_at_version = models.PositiveIntegerField(
        _("withdrawn at version"),
        null=True,
        blank=True,
        help_text=_("Version of the interview whose change made the message obsolete."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("resend_delivery", _("May send a message again"))]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(person__isnull=False, candidate=None, robot=None, applicant=None)
                    | Q(person=None, candidate__isnull=False, robot=None, applicant=None)
                    | Q(person=None, candidate=None, robot__isnull=False, applicant=None)
                    | Q(person=None, candidate=None, robot=None, applicant__isnull=False)
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

    @property
    def address(self) -> str:
        """Recipient and channel as in the idempotency key, such as "u5:email"."""
        return address_of(self.idempotency_key)


def address_of(idempotency_key: str) -> str:
    """The recipient and the channel of a message or notice: "moved:17:3:u5:email" → "u5:email"."""
    return ":".join(idempotency_key.split(":")[-2:])
