"""A request to notify people of an event: the event, its facts, and whom it concerns.

Services and reminders make requests, `planning` hands them to the channels, and each channel
turns them into messages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from interview.models import Delivery, Interview, NoticeSettings
from interview.notifications.policy import PLANS, POLICIES, DeliveryPolicy, Event, Priority
from interview.notifications.quiet_hours import quiet_end

URGENT_WITHIN = timedelta(hours=12)  # changes of interviews that start so soon ignore quiet hours


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRequest:
    """One event that people are notified of.

    occasion    tells apart notifications of the same interview version: "1440@…" of a reminder
    due_at      not sent earlier; None: at once
    expires_at  not sent later; None: as the event's policy says
    priority    None: as the event's policy says
    extra       further facts for the templates; no personal data
    unless      addresses (recipient and channel, such as "u5:email") that are not notified
    """

    event: Event
    interview: Interview | None
    now: datetime
    occasion: str = ""
    due_at: datetime | None = None
    expires_at: datetime | None = None
    priority: Priority | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    unless: Collection[str] = ()

    @property
    def policy(self) -> DeliveryPolicy:
        return POLICIES[self.event]

    @property
    def version(self) -> int:
        return self.interview.version if self.interview else 0

    def key(self, recipient: str, channel: str) -> str:
        """Idempotency key: equal for the same event, version (or occasion), recipient and channel.

        Example: "moved:17:3:u5:email".
        """
        number = self.interview.pk if self.interview else "-"
        return f"{self.event}:{number}:{self.occasion or self.version}:{recipient}:{channel}"

    def facts(self) -> dict[str, Any]:
        """Ids, times and the room name as they are now; no personal data."""
        interview = self.interview
        if interview is None:
            return {"occasion": self.occasion, **self.extra}
        return {
            "starts_at": interview.starts_at.isoformat(),
            "ends_at": interview.ends_at.isoformat(),
            "room_id": interview.room_id,
            "room": interview.room.name,
            "version": interview.version,
            "occasion": self.occasion,
            **self.extra,
        }

    @property
    def expected_at(self) -> datetime | None:
        """The expected start, if the event speaks of one that is later than planned."""
        told = self.extra.get("expected_at")
        return datetime.fromisoformat(told) if told else None

    def urgency(self) -> Priority:
        """Priority of the messages.

        A change of plans is urgent when the interview starts, or was to start, within
        `URGENT_WITHIN`.
        """
        if self.priority is not None:
            return self.priority
        if self.event not in PLANS or self.interview is None:
            return self.policy.priority
        starts = [self.interview.starts_at]
        if self.interview.loaded_placement:
            starts.append(self.interview.loaded_placement[1])
        is_soon = any(self.now <= start < self.now + URGENT_WITHIN for start in starts)
        return Priority.DAY_OF if is_soon else self.policy.priority

    def due_for(self, preferences: NoticeSettings | None) -> datetime:
        """Time to send it to a person: after their quiet hours, unless it is urgent."""
        due_at = self.due_at or self.now
        if preferences is None or not preferences.quiet_from or not preferences.quiet_until:
            return due_at
        if self.urgency() == Priority.DAY_OF:
            return due_at
        campaign = self.interview.campaign.time_zone if self.interview else settings.TIME_ZONE
        return quiet_end(
            due_at,
            begins=preferences.quiet_from,
            ends=preferences.quiet_until,
            zone=preferences.zone(campaign),
        )

    def message(self, recipient: str, channel: str, **fields: Any) -> Delivery:
        """An unsaved delivery of this event.

        recipient: part of the idempotency key, "u5". fields: `person`, `candidate` or `robot`, and
        what differs from the request, such as `due_at`.
        """
        return Delivery(
            channel=channel,
            event=self.event,
            interview=self.interview,
            facts=self.facts(),
            priority=self.urgency(),
            idempotency_key=self.key(recipient, channel),
            expires_at=self.expires_at or self.policy.expires_at(self.interview, self.now),
            **({"due_at": self.due_at or self.now} | fields),
        )


@dataclass(frozen=True, slots=True)
class Recipients:
    """A request and whom it concerns.

    people         user ids
    and_candidate  the candidate is notified as well, on external channels
    in_app         False: no notice within the product
    external       False: only a notice within the product
    """

    request: NotificationRequest
    people: Collection[int]
    _: KW_ONLY
    and_candidate: bool = False
    in_app: bool = True
    external: bool = True


NEW_PLACE = "place"
"""Kind of occasion of a MOVED event whose time stays: the room or its link is new."""


def occasion_of(kind: str, moment: datetime) -> str:
    """Occasion of a notification that the clock causes: "late@20261125T060000"."""
    return f"{kind}@{moment.astimezone(UTC):%Y%m%dT%H%M%S}"


def kind_of(occasion: str) -> str:
    """Kind within an occasion: minutes before a start, or a key of `texts.sentence_of`."""
    return occasion.partition("@")[0]
