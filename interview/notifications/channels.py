"""The interface of a notification channel, and the registry of channels.

Planning, the outbox, quiet hours, the delivery history, resending and the admin work with every
registered channel and name none. To add a channel, write a package with a subclass of
`ExternalChannel` (usually of `sender.BatchChannel`) and add it to `INSTALLED`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from interview.models import delivery_channels
from realtime.display_names import display_name

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from interview.models import Delivery
    from interview.notifications.requests import Recipients

INSTALLED = [
    "interview.notifications.in_app.channel.InAppChannel",
    "interview.notifications.email.channel.EmailChannel",
    "interview.notifications.dingtalk.channel.DingTalkChannel",
]
NOTHING = Q(pk__in=[])


class NotDelivered(Exception):
    """A test message was not delivered. The argument is the reason, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOption:
    """The option that selects a channel in `manage.py send_test_message`, without its dashes."""

    name: str
    metavar: str
    help: str


class Channel(ABC):
    """A way to notify people.

    identifier  value of `Delivery.channel`, metric label and part of idempotency keys; at most 10
                characters
    label       name of the channel on screens
    """

    identifier: ClassVar[str]
    label: ClassVar[str | Promise]

    @abstractmethod
    def plan(self, batch: Sequence[Recipients]) -> Sequence[Delivery]:
        """Return the deliveries of these notifications, unsaved.

        Runs in the transaction of the change. The number of queries must not depend on the length
        of the batch. A channel that delivers by writing rows writes them here and returns nothing.
        """


class ExternalChannel(Channel):
    """A channel that takes messages out of the product, through the outbox.

    failure_reasons  text of each reason code that the channel passes to the outbox
    shows_answer     whether pages show the answer of the other side next to the reason
    command_option   None: `send_test_message` does not support the channel
    """

    failure_reasons: ClassVar[Mapping[str, str | Promise]] = {}
    shows_answer: ClassVar[bool] = True
    command_option: ClassVar[CommandOption | None] = None

    @abstractmethod
    def deliver(self) -> int:
        """Send what is due, or have it sent. Return the number of messages that were taken."""

    def outdated_by(self, recipients: Recipients) -> Q:
        """Condition for deliveries that a change of plans may withdraw, as far as they wait."""
        concerned = Q(person__in=recipients.people)
        if recipients.and_candidate:
            concerned |= Q(candidate__isnull=False)
        return Q(concerned, channel=self.identifier)

    def paused(self, now: datetime) -> Q:
        """Condition for due deliveries that the channel deliberately does not send now."""
        return NOTHING

    def recipient_label(self, delivery: Delivery) -> str:
        """Name of the recipient for coordinators. The delivery was read with its recipient."""
        if delivery.candidate is not None:
            return delivery.candidate.name
        if delivery.applicant is not None:
            return gettext("Applicant")  # somebody whose address is not confirmed
        return display_name(delivery.person)

    def calendar_method(self, delivery: Delivery) -> str:
        """Effect of the sent message on the recipient's calendar: "request", "cancel" or ""."""
        return ""

    def went_elsewhere(self, delivery: Delivery) -> bool:
        """True if the message went to an address that was corrected since.

        The delivery was read with its recipient.
        """
        return False

    def test_recipients(self, user: User) -> Sequence[tuple[str, str | Promise]]:
        """Recipients to whom this user may send a test message: value and label of each."""
        return ()

    def plan_test(self, recipient: str, user: User) -> Delivery:
        """Save a test message and have it sent. recipient: a value of `test_recipients`."""
        raise LookupError(f"The channel {self.identifier} has no test messages.")

    def send_test_now(self, address: str) -> str:
        """Send a test message from this process; address: value of the command's option.

        Return the answer of the other side as a sentence. Raise NotDelivered.
        """
        raise NotDelivered(f"The channel {self.identifier} has no test messages.")


class RemovedChannel(ExternalChannel):
    """A channel that this site had. Its messages stay readable, and none is sent any more."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier  # type: ignore[misc]  # the only channel without a class
        self.label = identifier  # type: ignore[misc]

    def plan(self, batch: Sequence[Recipients]) -> Sequence[Delivery]:
        return ()

    def deliver(self) -> int:
        return 0


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Add a channel, or replace the one with the same identifier."""
    _channels[channel.identifier] = channel
    if isinstance(channel, ExternalChannel):
        delivery_channels.labels[channel.identifier] = channel.label


def unregister(identifier: str) -> None:
    del _channels[identifier]
    delivery_channels.labels.pop(identifier, None)


def register_installed() -> None:
    """Register the channels of the product. Called when the app starts."""
    for path in INSTALLED:
        register(import_string(path)())


def all_channels() -> list[Channel]:
    """Channels in the order of registration."""
    return list(_channels.values())


def external_channels() -> list[ExternalChannel]:
    """Channels that send deliveries, in the order of registration."""
    return [one for one in _channels.values() if isinstance(one, ExternalChannel)]


def external(identifier: str) -> ExternalChannel:
    """Return the channel of a delivery; a RemovedChannel if it is no longer installed."""
    channel = _channels.get(identifier)
    return channel if isinstance(channel, ExternalChannel) else RemovedChannel(identifier)


def choices() -> list[tuple[str, Any]]:
    """Values of `Delivery.channel` with their labels."""
    return delivery_channels.choices()


def paused(now: datetime) -> Q:
    """Condition for due deliveries that their channel deliberately does not send now."""
    return _any_of(channel.paused(now) for channel in external_channels())


def outdated_by(recipients: Recipients) -> Q:
    """Condition for deliveries, on any channel, that a change of plans may withdraw."""
    return _any_of(channel.outdated_by(recipients) for channel in external_channels())


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions, NOTHING)
