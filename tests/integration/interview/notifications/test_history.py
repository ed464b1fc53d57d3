"""Delivery history, resending, test messages and personal settings: on pages and by command."""

from __future__ import annotations

from datetime import time

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interview.models import Delivery, NoticeSettings
from interview.notifications import outbox, sender
from interview.notifications.email import smtp_sender
from interview.services import interview_cancel
from realtime.circuit_breaker import CircuitBreaker
from tests.factories import NOBODY, make_interview
from tests.people import signed_in
from tests.support.clients.api import api_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rested_server(monkeypatch):
    monkeypatch.setattr(smtp_sender, "server", CircuitBreaker(smtp_sender.PAUSE.total_seconds()))


@pytest.fixture
def client() -> Client:
    """A browser set to English."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def interview(campaign, wu):
    return make_interview(campaign=campaign, interviewers=[wu])


def to_wu(wu) -> Delivery:
    return Delivery.objects.get(person=wu)


def give_up(message: Delivery) -> None:
    outbox.mark_dead([message], reason="recipient_refused", answer="550 unknown")


def admin_action(client, action, *rows, **fields):
    return client.post(
        reverse("admin:interview_delivery_changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]} | fields,
        follow=True,
    )


def test_messages_of_a_channel_that_the_site_no_longer_has_stay_readable(
    client, lin, wu, interview
):
    message = to_wu(wu)
    Delivery.objects.filter(pk=message.pk).update(channel="pager", reason="lost", state="dead")
    page = signed_in(client, lin).get(reverse("interview", args=[interview.pk]))
    assert page.status_code == 200
    assert "lost" in page.content.decode()
    for address in ("changelist", "change"):
        key = [message.pk] if address == "change" else []
        admin_page = client.get(reverse(f"admin:interview_delivery_{address}", args=key))
        assert admin_page.status_code == 200
        assert "pager" in admin_page.content.decode()
    assert sender.deliver("pager") == 0


def test_coordinators_see_the_outcome_of_each_message_and_interviewers_do_not(
    client, lin, wu, interview
):
    give_up(to_wu(wu))
    page = reverse("interview", args=[interview.pk])
    shown = signed_in(client, lin).get(page).content.decode()
    assert "rejected the recipient" in shown
    assert "550 unknown" in shown
    [message] = [m for m in api_of(lin).get(f"interviews/{interview.pk}/").json()["messages"] if m["recipient"] == "吴磊"]  # fmt: skip  # noqa: E501
    assert (message["state"], message["calendar"]) == ("dead", "")
    client.logout()
    assert "550 unknown" not in signed_in(client, wu).get(page).content.decode()
    assert api_of(wu).get(f"interviews/{interview.pk}/").json()["messages"] == []


def test_coordinators_send_a_message_again_from_the_interview_and_others_cannot(
    client, lin, wu, interview
):
    give_up(to_wu(wu))
    again = reverse("send_again", args=[interview.pk, to_wu(wu).pk])
    assert signed_in(client, wu).post(again).status_code == 404
    assert to_wu(wu).state == "dead"
    client.logout()
    assert signed_in(client, lin).post(again).status_code == 302
    assert to_wu(wu).state == "queued"


def test_the_admin_shows_what_it_will_send_again_before_it_does(client, lin, wu, interview):
    old = to_wu(wu)
    outbox.mark_sent([old], timezone.now())
    interview_cancel(
        interview_id=interview.pk, version=1, reason="Off", side="company", actor=NOBODY
    )
    new = Delivery.objects.get(person=wu, event="cancelled")
    give_up(new)
    signed_in(client, lin)
    page = admin_action(client, "send_again", old, new).content.decode()
    assert "1 message will be sent again" in page
    assert "newer one has replaced it" in page
    assert Delivery.objects.get(pk=new.pk).state == "dead", "it is not confirmed yet"
    admin_action(client, "send_again", old, new, confirmed="yes")
    assert Delivery.objects.get(pk=new.pk).state == "queued"
    assert Delivery.objects.get(pk=old.pk).state == "sent"


def test_coordinators_do_not_see_messages_of_other_campaigns(client, lin, interview):
    other = make_interview()
    shown = signed_in(client, lin).get(reverse("admin:interview_delivery_changelist"))
    rows = {row.interview_id for row in shown.context["cl"].queryset}
    assert rows == {interview.pk}
    assert other.deliveries.exists(), "the premise"


def test_a_test_message_from_the_admin_is_sent_like_any_other(client, lin, wu, smtp_server):
    page = reverse("admin:interview_delivery_test")
    assert signed_in(client, wu).get(page).status_code == 302
    client.logout()
    signed_in(client, lin)
    smtp_server.refused_addresses = {"lin@example.com": "550 no such mailbox"}
    record = client.post(page, {"recipient": "email:"}, follow=True)
    assert record.status_code == 200
    sender.deliver("email")
    shown = client.get(record.redirect_chain[-1][0]).content.decode()
    assert "550 no such mailbox" in shown
    assert "rejected the recipient" in shown


def test_the_command_says_that_the_message_was_sent_or_why_not(smtp_server, capsys, db):
    call_command("send_test_message", email="a@example.com")
    assert "Sent" in capsys.readouterr().out
    assert smtp_server.to("a@example.com")
    smtp_server.refused_addresses = {"b@example.com": "550 no such mailbox"}
    with pytest.raises(CommandError, match="550 no such mailbox"):
        call_command("send_test_message", email="b@example.com")
    with pytest.raises(CommandError, match="No robot has the name"):
        call_command("send_test_message", robot="nobody")


def test_people_change_their_own_settings_and_nobody_elses(client, wu, zhao):
    page = reverse("personal_settings")
    assert client.get(page).status_code == 302, "signed out"
    signed_in(client, wu)
    shown = client.get(page)
    assert 'value="plans"' in shown.content.decode()
    chosen = {"mailed": ["plans", "digest"], "quiet_from": "22:00", "quiet_until": "07:30", "time_zone": "Europe/Berlin", "user": zhao.pk}  # fmt: skip  # noqa: E501
    assert client.post(page, chosen).status_code == 302
    kept = NoticeSettings.objects.get()
    assert (kept.user, kept.mailed, kept.quiet_until) == (wu, ["digest", "plans"], time(7, 30))


INVALID_SETTINGS = [
    {"quiet_from": "22:00"},
    {"quiet_from": "22:00", "quiet_until": "22:00"},
    {"time_zone": "Mars/Olympus"},
    {"mailed": ["everything"]},
    {"quiet_from": "late", "quiet_until": "07:00"},
]


def test_invalid_settings_are_rejected_with_an_explanation(subtests, client, wu):
    signed_in(client, wu)
    for wrong in INVALID_SETTINGS:
        with subtests.test(wrong=wrong):
            response = client.post(reverse("personal_settings"), wrong)
            assert response.status_code == 400
            assert response.context["form"].errors
            assert not NoticeSettings.objects.exists()
