"""A channel is a package and a line in one list: no other code of the product knows its name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import interview
from interview.models import Delivery
from interview.notifications import channels, outbox, sender
from interview.notifications.planning import notify
from interview.services import deliveries_resend
from tests.factories import make_interview
from tests.people import signed_in

pytestmark = pytest.mark.django_db
PRODUCT = Path(interview.__file__).parent


class PagerChannel(sender.BatchChannel):
    """The smallest channel: everybody gets everything, and the pager network may be down."""

    identifier, label, is_down = "pager", "Pager", False

    def plan(self, batch):
        return [
            one.request.message(f"u{p}", "pager", person_id=p) for one in batch for p in one.people
        ]

    def send(self, claimed: list[Delivery], now: datetime) -> None:
        if self.is_down:
            return outbox.mark_failed(claimed, now, reason="network", answer="no carrier")
        return outbox.mark_sent(claimed, now, answer="beep")


@pytest.fixture
def pager() -> Iterator[PagerChannel]:
    channel = PagerChannel()
    channels.register(channel)
    yield channel
    channels.unregister(channel.identifier)


@pytest.fixture
def page(pager: PagerChannel, campaign, wu, clock) -> Delivery:
    """A message to Wu that waits for the pager."""
    planned = make_interview(campaign=campaign, interviewers=[wu])
    notify("late", planned, [wu.pk])
    return Delivery.objects.get(channel="pager", event="late")


def retried(page: Delivery, clock) -> Delivery:
    """The message after its retry time has come."""
    page.refresh_from_db()
    clock.set(page.due_at)
    sender.deliver("pager")
    page.refresh_from_db()
    return page


def test_a_new_channel_delivers_and_the_delivery_is_recorded(page, lin):
    assert sender.deliver("pager") == 2, "the invitation, and the message of the new channel"
    page.refresh_from_db()
    assert (page.state, page.answer, page.attempts) == ("sent", "beep", 1)
    shown = signed_in(Client(), lin).get(reverse("interview", args=[page.interview_id]))
    assert "Pager" in shown.content.decode()


def test_a_failed_message_of_a_new_channel_is_retried(page, pager, clock):
    Delivery.objects.update(expires_at=None)
    pager.is_down = True
    sender.deliver("pager")
    page.refresh_from_db()
    assert (page.state, page.reason) == ("failed", "network")
    pager.is_down = False
    assert retried(page, clock).state == "sent"


def test_a_dead_message_of_a_new_channel_is_sent_again_by_a_person(page, pager, clock):
    Delivery.objects.update(expires_at=None)
    pager.is_down = True
    sender.deliver("pager")
    for _ in range(outbox.MAX_ATTEMPTS - 1):
        retried(page, clock)
    assert page.state == "dead"
    pager.is_down = False
    deliveries_resend(deliveries=[page])
    assert retried(page, clock).state == "sent"


def test_the_admin_lists_and_filters_messages_of_a_new_channel(page, lin):
    listed = signed_in(Client(), lin).get(
        reverse("admin:interview_delivery_changelist"), {"channel__exact": "pager"}
    )
    assert listed.status_code == 200
    assert page in listed.context["cl"].queryset
    assert "Pager" in listed.content.decode()


def test_a_worker_is_asked_to_send_on_a_new_channel(page, monkeypatch):
    requested: list[str] = []
    monkeypatch.setattr(sender.wakeup, "request_delivery", requested.extend)
    sender.sweep()
    assert "pager" in requested


def test_a_new_channel_is_a_valid_choice_without_a_migration(page):
    page.clean_fields()
    call_command("makemigrations", "interview", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("name", ["planning", "requests", "policy", "withdrawal", "outbox", "sender", "history", "quiet_hours", "metrics", "failure_reasons", "wakeup"])  # fmt: skip  # noqa: E501
def test_shared_code_names_no_channel(name):
    code = (PRODUCT / "notifications" / f"{name}.py").read_text().lower()
    imports = [line for line in code.splitlines() if "import" in line]
    for package in ("email", "dingtalk", "in_app"):
        assert not any(f"notifications.{package}" in line for line in imports)
        assert f'"{package}"' not in code


def test_an_interview_still_plans_for_the_channels_of_the_product(campaign, wu):
    make_interview(campaign=campaign, interviewers=[wu], starts_at=timezone.now())
    assert set(Delivery.objects.filter(person=wu).values_list("channel", flat=True)) == {"email"}
