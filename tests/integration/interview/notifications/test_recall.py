"""An undo recalls messages that have not left, and names those who had been told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from interview import services
from interview.models import Delivery, Interview, Notification, Robot
from interview.notifications import outbox
from interview.notifications.planning import notify
from interview.services.undo import told_of_undone
from tests.factories import NOBODY, bring_to, make_interview, make_room
from tests.support.product.clock import Clock

pytestmark = pytest.mark.django_db
NEXT_WEEK = timedelta(days=7)
DELAY = timedelta(seconds=6)


@pytest.fixture(autouse=True)
def delay(settings) -> None:
    settings.MESSAGE_DELAY_SECONDS = DELAY.total_seconds()


@pytest.fixture
def interview(wu) -> Interview:
    """Planned for next week; its people and candidate have been told."""
    made = make_interview(interviewers=[wu], starts_at=timezone.now() + NEXT_WEEK)
    send_all()
    return made


def send_all() -> None:
    """All messages leave, also those that wait."""
    Delivery.objects.filter(state="queued").update(due_at=timezone.now())
    outbox.mark_sent(outbox.claim(timezone.now(), channel="email", limit=100), timezone.now())


def read_all() -> None:
    for person in User.objects.filter(notifications__read_at=None).distinct():
        services.notices_read(recipient=person)


def current(interview: Interview) -> Interview:
    return Interview.objects.get(pk=interview.pk)


def moved(interview: Interview, *, hours: int = 1) -> Interview:
    interview = current(interview)
    return services.interview_reschedule(
        interview_id=interview.pk,
        version=interview.version,
        starts_at=interview.starts_at + timedelta(hours=hours),
        ends_at=interview.ends_at + timedelta(hours=hours),
        actor=NOBODY,
    )


def cancelled(interview: Interview) -> Interview:
    interview = current(interview)
    return services.interview_cancel(
        interview_id=interview.pk,
        version=interview.version,
        reason="No longer wanted",
        side="company",
        actor=NOBODY,
    )


def undone(interview: Interview) -> Interview:
    interview = current(interview)
    return services.interview_undo(
        interview_id=interview.pk, version=interview.version, actor=NOBODY
    )


def mailed(person=None) -> list[tuple[str, str]]:
    """Event and state of each e-mail of a person, or of the candidate, in the order of writing."""
    mails = Delivery.objects.filter(channel="email").order_by("pk")
    mails = mails.filter(person=person) if person else mails.filter(candidate__isnull=False)
    return list(mails.values_list("event", "state"))


def test_a_message_about_a_step_waits_a_few_seconds(interview):
    before = timezone.now()
    moved(interview)
    waiting = Delivery.objects.filter(event="moved")
    assert {one.due_at >= before + DELAY for one in waiting} == {True}
    assert outbox.claim(timezone.now(), channel="email", limit=10) == []
    assert outbox.claim(timezone.now() + DELAY, channel="email", limit=10) != []


def test_nobody_hears_of_a_move_that_is_undone_before_its_messages_leave(interview, wu):
    moved(interview)
    undone(interview)
    assert mailed(wu) == mailed() == [("assigned", "sent"), ("moved", "withdrawn")]
    assert set(Delivery.objects.filter(event="moved").values_list("reason", flat=True)) == {
        "recalled"
    }
    assert told_of_undone(interview) == []


def test_those_who_heard_of_the_undone_move_hear_of_its_undo_and_are_named(interview, wu):
    moved(interview)
    send_all()
    read_all()
    undone(interview)
    expected = [("assigned", "sent"), ("moved", "sent"), ("moved", "queued")]
    assert mailed(wu) == mailed() == expected
    candidate = interview.application.candidate.name
    assert told_of_undone(interview) == sorted([candidate, "吴磊"])


def test_a_message_that_could_not_be_sent_has_told_nobody(interview, wu):
    moved(interview)
    Delivery.objects.filter(state="queued").update(due_at=timezone.now())
    claimed = outbox.claim(timezone.now(), channel="email", limit=10)
    outbox.mark_failed(claimed, timezone.now(), reason="busy", answer="")
    assert mailed(wu)[-1] == ("moved", "failed"), "the premise"
    undone(interview)
    assert mailed(wu)[1:] == [("moved", "withdrawn"), ("moved", "queued")]
    assert told_of_undone(interview) == []


def test_the_undo_of_a_second_move_puts_the_message_of_the_first_back(interview, wu):
    moved(interview, hours=1)
    moved(interview, hours=2)
    assert mailed(wu)[1:] == [("moved", "withdrawn"), ("moved", "queued")], "the premise"
    undone(interview)
    assert (
        mailed(wu)
        == mailed()
        == [
            ("assigned", "sent"),
            ("moved", "queued"),
            ("moved", "withdrawn"),
        ]
    )


def test_after_two_undos_those_who_heard_of_the_second_move_know_the_first_time_again(
    interview, wu
):
    """The message of the first move never left, but that of the second told them its time."""
    start = interview.starts_at
    moved(interview, hours=1)
    moved(interview, hours=2)
    send_all()
    undone(interview)
    undone(interview)
    last = Delivery.objects.filter(person=wu, channel="email").latest("pk")
    assert (last.event, last.state) == ("moved", "queued")
    assert datetime.fromisoformat(last.facts["starts_at"]) == start


def test_a_reminder_that_a_coordinator_sent_is_no_message_about_the_step(interview, wu):
    moved(interview)
    send_all()
    notify("reminder", current(interview), [wu.pk])
    undone(interview)
    assert mailed(wu)[-1] == ("moved", "queued"), "they had been told of the move"


def test_a_reminder_that_a_move_had_withdrawn_waits_again_after_its_undo(interview, wu):
    notify("reminder", interview, [wu.pk], occasion="1440@x")
    moved(interview)
    assert ("reminder", "withdrawn") in mailed(wu), "the premise"
    send_all()
    undone(interview)
    assert ("reminder", "queued") in mailed(wu)


def test_an_invitation_that_never_left_is_sent_after_the_undo_of_a_cancellation(wu):
    interview = make_interview(interviewers=[wu], starts_at=timezone.now() + NEXT_WEEK)
    cancelled(interview)
    assert {state for _, state in [*mailed(wu), *mailed()]} == {"withdrawn"}, "the premise"
    undone(interview)
    assert mailed(wu) == mailed() == [("assigned", "queued"), ("cancelled", "withdrawn")]


def test_a_swapped_interviewer_who_heard_nothing_is_not_told_of_the_swap_back(interview, wu, zhao):
    now = current(interview)
    services.interview_reassign(
        interview_id=now.pk, version=now.version, add=[zhao], remove=[wu], reason="Ill",
        actor=NOBODY,
    )  # fmt: skip
    undone(interview)
    assert mailed(wu) == [("assigned", "sent"), ("unassigned", "withdrawn")]
    assert mailed(zhao) == [("assigned", "withdrawn")]


def test_an_arrival_that_was_entered_by_mistake_is_not_reported(wu):
    Robot.objects.create(name="hall")
    interview = bring_to(make_interview(interviewers=[wu]), "confirmed")
    send_all()
    services.interview_check_in(interview_id=interview.pk, version=interview.version, actor=NOBODY)
    to_group = Delivery.objects.get(event="arrived")
    assert to_group.state == "queued", "the premise"
    assert Notification.objects.filter(event="arrived").exists(), "the premise"
    undone(interview)
    to_group.refresh_from_db()
    assert (to_group.state, to_group.reason) == ("withdrawn", "recalled")
    assert not Notification.objects.filter(event="arrived").exists()
    assert told_of_undone(interview) == []


def test_a_notice_that_was_read_is_kept_and_its_reader_is_named(wu):
    interview = bring_to(make_interview(interviewers=[wu]), "confirmed")
    send_all()
    services.interview_check_in(interview_id=interview.pk, version=interview.version, actor=NOBODY)
    read_all()
    undone(interview)
    assert Notification.objects.filter(event="arrived").exists()
    assert told_of_undone(interview) == ["吴磊"]


def test_a_notice_older_than_the_delay_is_kept(wu, clock: Clock):
    interview = bring_to(make_interview(interviewers=[wu]), "confirmed")
    services.interview_check_in(interview_id=interview.pk, version=interview.version, actor=NOBODY)
    clock.shift(seconds=7)
    undone(interview)
    assert Notification.objects.filter(event="arrived").exists()


def test_the_undo_of_a_room_shift_recalls_the_messages_of_all_its_interviews(wu, zhao):
    room = make_room()
    start = timezone.now() + NEXT_WEEK
    first = make_interview(room=room, interviewers=[wu], starts_at=start)
    second = make_interview(
        room=room, interviewers=[zhao], starts_at=start + timedelta(hours=2),
        campaign=first.campaign,
    )  # fmt: skip
    send_all()
    services.room_shift(room=room, minutes=15, from_=start, actor=NOBODY)
    assert mailed(wu)[-1] == mailed(zhao)[-1] == ("moved", "queued"), "the premise"
    undone(second)
    assert mailed(wu)[-1] == mailed(zhao)[-1] == ("moved", "withdrawn")
    assert told_of_undone(current(first)) == []
