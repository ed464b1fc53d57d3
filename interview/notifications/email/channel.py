"""The e-mail channel: plans e-mails to users and candidates, and sends them over SMTP."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from interview.models import Delivery
from interview.notifications.channels import CommandOption
from interview.notifications.email import (
    daily_digest,  # noqa: F401 registers the template of its event
    smtp_sender,
    test_message,
)
from interview.notifications.email.addresses import went_elsewhere
from interview.notifications.email.calendar_invite import METHODS
from interview.notifications.email.failure_reasons import REASONS
from interview.notifications.email.preferences import is_emailed
from interview.notifications.failure_reasons import NO_ADDRESS
from interview.notifications.policy import PLANS, Event
from interview.notifications.requests import NotificationRequest, Recipients
from interview.notifications.sender import BatchChannel

EMAIL = "email"
TOLD_OTHERWISE = PLANS | {Event.OFFERED}
"""Events of which a candidate without an address has to be told by other means."""


class EmailChannel(BatchChannel):
    """E-mail to users by their preferences, and to candidates by the address they gave."""

    identifier = EMAIL
    label = _("E-mail")
    marks_each = True
    failure_reasons = REASONS
    command_option = CommandOption(name="email", metavar="ADDRESS", help="An e-mail address.")

    def plan(self, batch: Sequence[Recipients]) -> list[Delivery]:
        users = _reachable({user_id for one in batch for user_id in one.people})
        messages: list[Delivery] = []
        for one in batch:
            people = [users[user_id] for user_id in sorted(set(one.people)) if user_id in users]
            messages += _to_users(one.request, people)
            if one.and_candidate:
                messages += _to_candidate(one.request)
        return messages

    def send(self, claimed: list[Delivery], now: datetime) -> None:
        smtp_sender.send(claimed, now)

    def calendar_method(self, delivery: Delivery) -> str:
        return METHODS.get(Event(delivery.event), "").lower()

    def went_elsewhere(self, delivery: Delivery) -> bool:
        return went_elsewhere(delivery)

    def test_recipients(self, user: User) -> list[tuple[str, str | Promise]]:
        return [("", _("My own e-mail address"))]

    def plan_test(self, recipient: str, user: User) -> Delivery:
        return test_message.plan_test(user)

    def send_test_now(self, address: str) -> str:
        return test_message.send_now(address)


def _reachable(people: Collection[int]) -> dict[int, User]:
    """Active users with an address, by id."""
    if not people:
        return {}
    users = User.objects.filter(pk__in=people, is_active=True).exclude(email="")
    return {user.pk: user for user in users.select_related("notice_settings")}


def _to_users(request: NotificationRequest, people: Iterable[User]) -> Iterable[Delivery]:
    for user in people:
        preferences = getattr(user, "notice_settings", None)
        if is_emailed(request.event, preferences):
            due_at = request.due_for(preferences)
            yield request.message(f"u{user.pk}", EMAIL, person=user, due_at=due_at)


def _to_candidate(request: NotificationRequest) -> list[Delivery]:
    if request.interview is None:
        return []
    candidate = request.interview.application.candidate
    message = request.message(request.interview.attendee_id, EMAIL, candidate=candidate)
    if candidate.email:
        return [message]
    if request.event not in TOLD_OTHERWISE:
        return []
    # Kept for the coordinators: they tell the candidate, or send it once there is an address.
    message.state, message.reason = Delivery.State.DEAD, NO_ADDRESS
    return [message]
