"""Reminders before interviews: once, to the people concerned, and only while they are true."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from interview import services, tasks
from interview.models import Delivery, Interview, Notification, ReminderSettings
from interview.notifications.email.message import build_email
from interview.notifications.in_app.notices import notice_text
from interview.notifications.reminders.upcoming import remind
from interview.services.transitions import Actor
from tests.factories import NOBODY, make_interview, make_interviewer

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def interview(campaign, wu, clock) -> Interview:
    """A little more than a day ahead."""
    return make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now() + 25 * HOUR)


def sweep(clock, to: datetime, *, every: timedelta | None = None) -> None:
    """Sweep until then, more often towards the end."""
    while clock.now() < to:
        since = clock.now()
        step = 9 * MINUTE if to - since < 2 * HOUR else 55 * MINUTE
        clock.set(min(since + (every or step), to))
        remind(since, clock.now())


def reminders_of(person) -> list[str]:
    """In-app reminders, by minutes before the start."""
    reminders = Notification.objects.filter(recipient=person, event="reminder").order_by("pk")
    return [one.occasion.partition("@")[0] for one in reminders]


def mails(**of) -> list[tuple[str, str]]:
    found = Delivery.objects.filter(event="reminder", **of).order_by("pk")
    return [(one.facts["occasion"].partition("@")[0], one.state) for one in found]


def again(interview) -> Interview:
    return Interview.objects.get(pk=interview.pk)


def move(interview, starts_at) -> None:
    services.interview_reschedule(
        interview_id=interview.pk,
        version=again(interview).version,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        actor=NOBODY,
    )


def test_an_interviewer_is_reminded_a_day_an_hour_and_ten_minutes_before(interview, wu, clock):
    sweep(clock, interview.starts_at + HOUR)
    assert reminders_of(wu) == ["1440", "60", "10"]
    assert [minutes for minutes, _ in mails(person=wu)] == ["1440", "60", "10"]
    expiries = Delivery.objects.filter(event="reminder").values_list("expires_at", flat=True)
    assert set(expiries) == {interview.starts_at}


def test_the_candidate_is_reminded_by_e_mail_a_day_and_an_hour_before(interview, clock):
    candidate = interview.application.candidate
    assert candidate.email
    sweep(clock, interview.starts_at)
    assert [minutes for minutes, _ in mails(candidate=candidate)] == ["1440", "60"]


def test_a_reminder_says_the_time_left_in_the_recipients_language(interview, wu, clock):
    sweep(clock, interview.starts_at - 9 * MINUTE, every=20 * MINUTE)
    last = Notification.objects.filter(recipient=wu, event="reminder").latest("pk")
    assert "9分钟" in notice_text(last).replace("\xa0", "")


def test_a_reminder_tells_the_expected_start_if_the_room_runs_late(campaign, wu, clock):
    """An interview that started an hour late holds the room until 13:00."""
    start = clock.now() + HOUR / 2
    following = make_interview(campaign=campaign, interviewers=[wu], starts_at=start)
    make_interview(room=following.room, starts_at=clock.now() - HOUR, status="in_progress")
    sweep(clock, start)
    notice = Notification.objects.get(recipient=wu, event="reminder")
    assert notice.told_start == start
    assert notice.told_expected == start + HOUR / 2
    assert "13:00" in notice_text(notice)
    mail = Delivery.objects.get(person=wu, event="reminder", channel="email")
    assert "13:00" in build_email(mail).body


def test_rescheduling_an_interview_reschedules_its_reminders(interview, wu, clock):
    sweep(clock, interview.starts_at - 23 * HOUR)
    move(interview, interview.starts_at + 3 * HOUR)
    sweep(clock, interview.starts_at)
    assert reminders_of(wu) == ["1440", "1440"]
    sweep(clock, interview.starts_at + 3 * HOUR)
    assert reminders_of(wu) == ["1440", "1440", "60", "10"]
    reminder = Notification.objects.filter(recipient=wu, event="reminder").latest("pk")
    assert reminder.told_start == interview.starts_at + 3 * HOUR


def test_queued_reminders_of_the_old_start_are_withdrawn(interview, wu, clock):
    sweep(clock, interview.starts_at - 23 * HOUR)
    assert mails(person=wu) == [("1440", "queued")]
    move(interview, interview.starts_at + DAY)
    assert mails(person=wu) == [("1440", "withdrawn")]


@pytest.mark.parametrize("minutes", [30, 40, 59])
def test_interviews_planned_within_the_hour_get_no_one_hour_reminder(campaign, wu, clock, minutes):
    """The sweep covers a time before the interview was planned."""
    clock.shift(minutes=5)
    starts_at = clock.now() + minutes * MINUTE
    make_interview(campaign=campaign, interviewers=[wu], starts_at=starts_at)
    remind(clock.now() - DAY, clock.now() + MINUTE)
    assert reminders_of(wu) == []
    sweep(clock, starts_at)
    assert reminders_of(wu) == ["10"]


def test_interviewers_assigned_later_get_only_the_remaining_reminders(interview, wu, zhao, clock):
    sweep(clock, interview.starts_at - 2 * HOUR)
    services.interview_reassign(
        interview_id=interview.pk,
        version=again(interview).version,
        remove=[wu],
        add=[zhao],
        reason="ill",
        actor=NOBODY,
    )
    remind(clock.now() - 2 * DAY, clock.now())
    sweep(clock, interview.starts_at)
    assert (reminders_of(wu), reminders_of(zhao)) == (["1440"], ["60", "10"])
    assert mails(person=wu) == [("1440", "withdrawn")]


def test_interviewers_who_declined_get_no_reminder(interview, wu, clock):
    services.interview_decline(
        interview_id=interview.pk, version=1, reason="ill", actor=Actor(user=wu, source="page")
    )
    sweep(clock, interview.starts_at)
    assert reminders_of(wu) == []


def test_a_cancelled_interview_has_no_reminders_until_the_cancellation_is_undone(
    interview, wu, clock
):
    sweep(clock, interview.starts_at - 70 * MINUTE)
    services.interview_cancel(
        interview_id=interview.pk,
        version=again(interview).version,
        reason="ill",
        side="candidate",
        actor=NOBODY,
    )
    assert {state for _, state in mails()} == {"withdrawn"}
    sweep(clock, interview.starts_at - 62 * MINUTE)
    services.interview_undo(
        interview_id=interview.pk, version=again(interview).version, actor=NOBODY
    )
    sweep(clock, interview.starts_at)
    assert reminders_of(wu) == ["1440", "60", "10"]


def act(step: str, interview, **given) -> None:
    getattr(services, f"interview_{step}")(
        interview_id=interview.pk, version=again(interview).version, actor=NOBODY, **given
    )


@pytest.mark.parametrize(("step", "given"), [("no_show", {"side": "candidate"}), ("start", {})])
def test_a_started_or_failed_interview_withdraws_its_messages_until_undone(
    interview, wu, clock, step, given
):
    sweep(clock, interview.starts_at - 58 * MINUTE)
    assert ("60", "queued") in mails(person=wu), "the premise"
    act(step, interview, **given)
    assert {state for _, state in mails()} == {"withdrawn"}
    clock.shift(minutes=3)
    act("undo", interview)
    assert mails(person=wu) == [("1440", "queued"), ("60", "queued")]
    assert mails(candidate=interview.application.candidate) == mails(person=wu)
    assert set(Delivery.objects.filter(event="reminder").values_list("reason", flat=True)) == {""}


def test_messages_expired_when_a_no_show_is_undone_stay_withdrawn(interview, clock):
    sweep(clock, interview.starts_at - 5 * MINUTE)
    act("no_show", interview, side="candidate")
    clock.shift(minutes=5)
    act("undo", interview)
    assert {state for _, state in mails()} == {"withdrawn"}


def test_a_step_that_fails_withdraws_nothing(interview, clock):
    sweep(clock, interview.starts_at - 58 * MINUTE)
    before = mails()
    with transaction.atomic():
        act("no_show", interview, side="candidate")
        assert mails() != before, "the premise"
        transaction.set_rollback(True)
    assert mails() == before


def test_an_outage_of_an_hour_loses_only_reminders_that_became_useless(interview, wu, clock):
    sweep(clock, interview.starts_at - 65 * MINUTE)
    sweep(clock, interview.starts_at - 5 * MINUTE, every=HOUR)
    assert reminders_of(wu) == ["1440", "10"]


def test_a_started_interview_gets_no_reminder(interview, wu, clock):
    sweep(clock, interview.starts_at - 24.5 * HOUR)
    sweep(clock, interview.starts_at + MINUTE, every=DAY * 2)
    assert reminders_of(wu) == []


def test_a_sweep_that_runs_twice_reminds_once(interview, wu, clock):
    clock.set(interview.starts_at - DAY + MINUTE)
    for _ in range(2):
        remind(clock.now() - HOUR, clock.now())
    assert reminders_of(wu) == ["1440"]
    assert len(mails(person=wu)) == 1
    tasks.remind()
    assert reminders_of(wu) == ["1440"]


def test_each_campaign_uses_its_own_reminder_settings(campaign, interview, wu, clock):
    ReminderSettings.objects.create(campaign=campaign, minutes_before=[24 * 60 + 5, 30])
    elsewhere = make_interview(interviewers=[wu], starts_at=interview.starts_at + HOUR)
    sweep(clock, elsewhere.starts_at)
    here = Notification.objects.filter(event="reminder", interview=interview).order_by("pk")
    assert [one.occasion.partition("@")[0] for one in here] == ["1445", "30"]
    assert Notification.objects.filter(event="reminder", interview=elsewhere).count() == 3


def test_reminders_take_the_same_number_of_queries_for_two_interviews_and_for_six(campaign, clock):
    def queries(number: int) -> int:
        starts_at = clock.now() + HOUR
        for _ in range(number):
            make_interview(
                campaign=campaign,
                starts_at=starts_at,
                interviewers=[make_interviewer(email="i@example.com") for _ in range(2)],
            )
        clock.shift(minutes=1)
        with CaptureQueriesContext(connection) as captured:
            assert remind(starts_at - HOUR, clock.now()) == number
        return len(captured)

    make_interview(campaign=campaign, starts_at=clock.now() + 3 * HOUR)  # the forecast counts it
    assert queries(2) == queries(6)


def test_a_sweep_continues_where_the_last_one_ended(interview, wu, clock):
    tasks.remind()
    clock.set(interview.starts_at - DAY + 20 * MINUTE)
    tasks.remind()
    assert reminders_of(wu) == ["1440"]
