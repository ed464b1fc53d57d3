"""A worker dies while it sends an e-mail: a person decides about that one; none is sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from interview.models import Delivery
from interview.notifications import outbox, wakeup
from tests.factories import make_interview
from tests.people import make_person
from tests.support.product.processes import Site
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_a_killed_worker_leaves_one_email_in_doubt_and_the_next_sends_the_others(
    site: Site, smtp_server, monkeypatch
):
    for name, value in {
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(smtp_server.port),
        "EMAIL_SECURITY": "none",
        "EMAIL_TIMEOUT_SECONDS": "60",
    }.items():
        monkeypatch.setenv(name, value)
    smtp_server.answers = ["keep and hang"]
    people = [make_person(name, "interviewer") for name in ("wu", "zhao", "ma")]
    make_interview(interviewers=people, starts_at=timezone.now() + timedelta(days=7))
    assert Delivery.objects.filter(state="queued").count() == 4, "the premise"
    worker = site.start("worker")
    smtp_server.wait_for(1)
    worker.kill()
    assert len(smtp_server.mails) == 1
    assert Delivery.objects.filter(state="sending").count() == 4

    # Five minutes later: the steps of the sweep, and the wake-up of the next worker.
    later = timezone.now() + outbox.SENDING_TIMEOUT + timedelta(seconds=1)
    assert outbox.give_up_unknown(later) == 1
    site.start("worker")
    assert wakeup.send_wakeup("email")
    smtp_server.wait_for(4)
    until(lambda: Delivery.objects.filter(state="sent").count() == 3)
    [doubtful] = Delivery.objects.exclude(state="sent")
    assert (doubtful.state, doubtful.reason) == ("dead", "unknown")
    assert len(smtp_server.mails) == 4
    assert len({mail["Message-ID"] for mail in smtp_server.mails}) == 4


def test_a_message_about_a_step_is_sent_by_itself_once_its_delay_is_over(
    site: Site, smtp_server, monkeypatch, settings, wu: User
):
    """Without the sweep, which runs in another process."""
    monkeypatch.setenv("EMAIL_HOST", "127.0.0.1")
    monkeypatch.setenv("EMAIL_PORT", str(smtp_server.port))
    monkeypatch.setenv("EMAIL_SECURITY", "none")
    settings.MESSAGE_DELAY_SECONDS = 2
    site.start("worker")
    make_interview(interviewers=[wu], starts_at=timezone.now() + timedelta(days=7))
    assert wakeup.send_wakeup("email"), "another wakeup in between"
    smtp_server.wait_for(2)
    until(lambda: Delivery.objects.filter(state="sent").count() == 2)
    for one in Delivery.objects.all():
        assert one.sent_at >= one.due_at >= one.created_at + timedelta(seconds=1.9)
