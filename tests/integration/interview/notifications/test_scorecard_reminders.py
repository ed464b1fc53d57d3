"""Scorecard reminders and their escalation, and alarms for coordinators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interview import services, tasks
from interview.models import Delivery, Interview, Notification, ReminderSettings, Robot
from interview.notifications.in_app.notices import notice_text
from interview.notifications.reminders.alarms import raise_alarms
from interview.notifications.reminders.scorecards import remind_of_scorecards
from interview.services.transitions import Actor
from jobs.models import PersonalSettings
from tests.factories import NOBODY, bring_to, make_interview, make_interviewer, make_scorecard

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def notice_kinds(person, event: str) -> list[str]:
    """Kinds of the notices of a person, in order."""
    notices = Notification.objects.filter(recipient=person, event=event).exclude(occasion="")
    return [one.occasion.partition("@")[0] for one in notices.order_by("pk")]


def sweep(clock, days: int) -> None:
    """Sweep hourly for some days."""
    for _ in range(24 * days):
        since = clock.now()
        remind_of_scorecards(since, clock.shift(minutes=60))


@pytest.fixture
def over(campaign, wu, zhao, clock) -> Interview:
    """An interview that has just ended, on a Wednesday at noon in Beijing."""
    return make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")


def test_scorecard_reminders_repeat_until_the_coordinators_are_notified(over, lin, wu, zhao, clock):
    make_scorecard(interview=over, interviewer=zhao)
    sweep(clock, days=6)
    assert notice_kinds(wu, "feedback_due") == ["asked-0", "asked-1", "asked-2"]
    assert notice_kinds(zhao, "feedback_due") == []
    assert notice_kinds(lin, "feedback_due") == ["escalated"]
    PersonalSettings.objects.create(user=lin, language="en")
    notice = Notification.objects.get(recipient=lin, event="feedback_due")
    assert "still missing" in notice_text(notice)
    mailed = Delivery.objects.filter(event="feedback_due", channel="email", person=lin)
    assert mailed.count() == 1


def test_interviewers_who_did_not_attend_get_no_scorecard_reminder(over, wu, zhao, clock):
    services.scorecard_dismiss(
        interview_id=over.pk, version=over.version, actor=Actor(user=wu, source="page")
    )
    sweep(clock, days=1)
    assert notice_kinds(wu, "feedback_due") == []
    assert notice_kinds(zhao, "feedback_due") == ["asked-0", "asked-1"]


def test_a_sweep_that_runs_twice_sends_one_scorecard_reminder(over, wu, clock):
    since = clock.now()
    clock.shift(hours=2)
    assert remind_of_scorecards(since, clock.now()) == 1
    remind_of_scorecards(since, clock.now())
    assert notice_kinds(wu, "feedback_due") == ["asked-0"]


def test_a_sweep_continues_where_the_last_one_ended(over, wu, clock):
    tasks.ask_for_feedback()
    clock.shift(hours=1, minutes=20)
    tasks.ask_for_feedback()
    assert notice_kinds(wu, "feedback_due") == ["asked-0"]


def test_scorecard_reminders_take_the_same_number_of_queries_for_two_and_for_five(
    campaign, lin, clock
):
    def queries(number: int) -> int:
        for _ in range(number):
            make_interview(
                campaign=campaign,
                interviewers=[make_interviewer(email="i@example.com")],
                status="feedback_due",
            )
        clock.shift(hours=1, minutes=1)
        with CaptureQueriesContext(connection) as captured:
            assert remind_of_scorecards(clock.now() - 2 * MINUTE, clock.now()) == number
        return len(captured)

    assert queries(2) == queries(5)


def alarms_at(clock, *, lateness: timedelta = timedelta()) -> None:
    since = clock.now() - 10 * MINUTE
    raise_alarms(since, clock.now() + lateness)


def test_coordinators_get_one_alarm_for_each_missing_side(campaign, lin, wu, clock):
    Robot.objects.create(name="group", campaign=campaign)
    interview = make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now() + HOUR)
    bring_to(interview, "confirmed")
    clock.set(interview.starts_at + 5 * MINUTE)
    alarms_at(clock)
    assert notice_kinds(lin, "late") == []
    clock.shift(seconds=20)
    for _ in range(3):
        alarms_at(clock)
        clock.shift(minutes=1)
    assert notice_kinds(lin, "late") == ["candidate_missing"]
    services.interview_check_in(
        interview_id=interview.pk,
        version=Interview.objects.get(pk=interview.pk).version,
        actor=NOBODY,
    )
    for _ in range(3):
        alarms_at(clock)
        clock.shift(minutes=1)
    assert notice_kinds(lin, "late") == ["candidate_missing", "interviewer_missing"]
    assert notice_kinds(wu, "late") == []
    robot = Delivery.objects.filter(robot__name="group", event="late")
    assert robot.count() == 2
    assert interview.application.candidate.name not in str([one.facts for one in robot])
    assert {one.priority for one in robot} == {Delivery.Priority.DAY_OF}


def test_missing_people_are_checked_as_often_as_reminders_are_sent(campaign, lin, clock):
    interview = make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    tasks.remind()
    assert notice_kinds(lin, "late") == []
    clock.set(interview.starts_at + 6 * MINUTE)
    tasks.remind()
    assert notice_kinds(lin, "late") == ["candidate_missing"]


def test_an_urgent_alarm_ignores_quiet_hours(campaign, lin, clock):
    """The notice is written at once, and the robot's message is due at once."""
    Robot.objects.create(name="group", campaign=campaign)
    make_interview(campaign=campaign, starts_at=clock.now() - 6 * MINUTE)
    alarms_at(clock)
    assert Delivery.objects.get(event="late").due_at == clock.now()


def test_an_interview_that_is_hours_late_raises_no_alarm(campaign, lin, clock):
    make_interview(campaign=campaign, starts_at=clock.now() - 3 * HOUR)
    alarms_at(clock)
    assert notice_kinds(lin, "late") == []


def test_coordinators_are_notified_of_unconfirmed_interviews_a_day_before(campaign, lin, clock):
    planned = make_interview(campaign=campaign, starts_at=clock.now() + DAY + 5 * MINUTE)
    confirmed = make_interview(campaign=campaign, starts_at=clock.now() + DAY + 5 * MINUTE)
    bring_to(confirmed, "confirmed")
    clock.shift(minutes=6)
    for _ in range(2):
        alarms_at(clock)
    assert notice_kinds(lin, "reminder") == ["unconfirmed"]
    assert Notification.objects.get(recipient=lin, event="reminder").interview == planned
    assert not Delivery.objects.filter(event="reminder").exists()


def test_an_interview_planned_for_this_afternoon_is_not_reported_as_unconfirmed(
    campaign, lin, clock
):
    make_interview(campaign=campaign, starts_at=clock.now() + 23 * HOUR)
    raise_alarms(clock.now() - 2 * HOUR, clock.now())
    assert notice_kinds(lin, "reminder") == []


def test_coordinators_of_other_campaigns_get_no_alarm(campaign, lin, clock):
    make_interview(starts_at=clock.now() - 6 * MINUTE)
    here = make_interview(campaign=campaign, starts_at=clock.now() - 6 * MINUTE)
    alarms_at(clock)
    notices = Notification.objects.filter(event="late")
    assert [(one.recipient, one.interview) for one in notices] == [(lin, here)]


def test_invalid_reminder_settings_are_rejected_by_field(campaign):
    wishes = ReminderSettings(
        campaign=campaign, minutes_before=[60, 60], country="XX", days_before_escalation=99
    )
    with pytest.raises(ValidationError) as refused:
        wishes.full_clean()
    assert refused.value.message_dict.keys() == {
        "minutes_before",
        "country",
        "days_before_escalation",
    }


def test_daily_reminders_are_sent_at_the_campaigns_local_time(campaign, wu, clock):
    campaign.time_zone = "America/New_York"
    campaign.save()
    ReminderSettings.objects.create(campaign=campaign, country="US")
    make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    sweep(clock, days=4)
    daily = Notification.objects.filter(recipient=wu, occasion__startswith="asked-1").get()
    # The clock stands on Tuesday night in New York; Thursday is Thanksgiving.
    swept = daily.at.astimezone(UTC)
    assert swept == datetime(2026, 11, 27, 15, 0, tzinfo=UTC) + HOUR
