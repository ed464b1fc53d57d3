"""Scorecards that are not in: asked for, then told to the coordinators; and who is missing."""

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


def told(person, event: str) -> list[str]:
    """Of what kind, in this order."""
    notices = Notification.objects.filter(recipient=person, event=event).exclude(occasion="")
    return [one.occasion.partition("@")[0] for one in notices.order_by("pk")]


def sweep(clock, days: int) -> None:
    """Hourly, for some days."""
    for _ in range(24 * days):
        since = clock.now()
        remind_of_scorecards(since, clock.shift(minutes=60))


@pytest.fixture
def over(campaign, wu, zhao, clock) -> Interview:
    """An interview that has ended just now, a Wednesday noon in Beijing."""
    return make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")


def test_a_scorecard_is_asked_for_until_the_coordinators_are_told(over, lin, wu, zhao, clock):
    make_scorecard(interview=over, interviewer=zhao)
    sweep(clock, days=6)
    assert told(wu, "feedback_due") == ["asked-0", "asked-1", "asked-2"]
    assert told(zhao, "feedback_due") == []
    assert told(lin, "feedback_due") == ["escalated"]
    PersonalSettings.objects.create(user=lin, language="en")
    notice = Notification.objects.get(recipient=lin, event="feedback_due")
    assert "still missing" in notice_text(notice)
    mailed = Delivery.objects.filter(event="feedback_due", channel="email", person=lin)
    assert mailed.count() == 1


def test_who_was_not_there_is_not_asked(over, wu, zhao, clock):
    services.scorecard_dismiss(
        interview_id=over.pk, version=over.version, actor=Actor(user=wu, source="page")
    )
    sweep(clock, days=1)
    assert told(wu, "feedback_due") == []
    assert told(zhao, "feedback_due") == ["asked-0", "asked-1"]


def test_a_tick_that_comes_twice_asks_once(over, wu, clock):
    since = clock.now()
    clock.shift(hours=2)
    assert remind_of_scorecards(since, clock.now()) == 1
    remind_of_scorecards(since, clock.now())
    assert told(wu, "feedback_due") == ["asked-0"]


def test_the_next_sweep_goes_on_where_the_last_one_ended(over, wu, clock):
    tasks.ask_for_feedback()
    clock.shift(hours=1, minutes=20)
    tasks.ask_for_feedback()
    assert told(wu, "feedback_due") == ["asked-0"]


def test_asking_costs_the_same_for_two_and_for_five(campaign, lin, clock):
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


def test_coordinators_hear_who_is_missing_once_for_each_side(campaign, lin, wu, clock):
    Robot.objects.create(name="group", campaign=campaign)
    interview = make_interview(campaign=campaign, interviewers=[wu], starts_at=clock.now() + HOUR)
    bring_to(interview, "confirmed")
    clock.set(interview.starts_at + 5 * MINUTE)
    alarms_at(clock)
    assert told(lin, "late") == []
    clock.shift(seconds=20)
    for _ in range(3):
        alarms_at(clock)
        clock.shift(minutes=1)
    assert told(lin, "late") == ["candidate_missing"]
    services.interview_check_in(
        interview_id=interview.pk,
        version=Interview.objects.get(pk=interview.pk).version,
        actor=NOBODY,
    )
    for _ in range(3):
        alarms_at(clock)
        clock.shift(minutes=1)
    assert told(lin, "late") == ["candidate_missing", "interviewer_missing"]
    assert told(wu, "late") == []
    robot = Delivery.objects.filter(robot__name="group", event="late")
    assert robot.count() == 2
    assert interview.application.candidate.name not in str([one.facts for one in robot])
    assert {one.priority for one in robot} == {Delivery.Priority.DAY_OF}


def test_who_is_missing_is_looked_for_as_often_as_reminders_are_sent(campaign, lin, clock):
    interview = make_interview(campaign=campaign, starts_at=clock.now() + HOUR)
    tasks.remind()
    assert told(lin, "late") == []
    clock.set(interview.starts_at + 6 * MINUTE)
    tasks.remind()
    assert told(lin, "late") == ["candidate_missing"]


def test_an_alarm_of_the_day_does_not_wait_for_quiet_hours(campaign, lin, clock):
    """It is told on the page at once, and its robot's message is due at once."""
    Robot.objects.create(name="group", campaign=campaign)
    make_interview(campaign=campaign, starts_at=clock.now() - 6 * MINUTE)
    alarms_at(clock)
    assert Delivery.objects.get(event="late").due_at == clock.now()


def test_what_is_hours_late_is_no_alarm_any_more(campaign, lin, clock):
    make_interview(campaign=campaign, starts_at=clock.now() - 3 * HOUR)
    alarms_at(clock)
    assert told(lin, "late") == []


def test_coordinators_hear_a_day_before_what_nobody_has_confirmed(campaign, lin, clock):
    planned = make_interview(campaign=campaign, starts_at=clock.now() + DAY + 5 * MINUTE)
    confirmed = make_interview(campaign=campaign, starts_at=clock.now() + DAY + 5 * MINUTE)
    bring_to(confirmed, "confirmed")
    clock.shift(minutes=6)
    for _ in range(2):
        alarms_at(clock)
    assert told(lin, "reminder") == ["unconfirmed"]
    assert Notification.objects.get(recipient=lin, event="reminder").interview == planned
    assert not Delivery.objects.filter(event="reminder").exists()


def test_an_interview_planned_for_this_afternoon_is_no_news_to_who_planned_it(campaign, lin, clock):
    make_interview(campaign=campaign, starts_at=clock.now() + 23 * HOUR)
    raise_alarms(clock.now() - 2 * HOUR, clock.now())
    assert told(lin, "reminder") == []


def test_coordinators_of_other_campaigns_hear_nothing(campaign, lin, clock):
    make_interview(starts_at=clock.now() - 6 * MINUTE)
    here = make_interview(campaign=campaign, starts_at=clock.now() - 6 * MINUTE)
    alarms_at(clock)
    notices = Notification.objects.filter(event="late")
    assert [(one.recipient, one.interview) for one in notices] == [(lin, here)]


def test_wishes_that_make_no_sense_are_refused_by_field(campaign):
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


def test_daily_reminders_come_at_a_fair_hour_of_the_campaign(campaign, wu, clock):
    campaign.time_zone = "America/New_York"
    campaign.save()
    ReminderSettings.objects.create(campaign=campaign, country="US")
    make_interview(campaign=campaign, interviewers=[wu], status="feedback_due")
    sweep(clock, days=4)
    daily = Notification.objects.filter(recipient=wu, occasion__startswith="asked-1").get()
    # The clock stands on Tuesday night in New York; Thursday is Thanksgiving.
    swept = daily.at.astimezone(UTC)
    assert swept == datetime(2026, 11, 27, 15, 0, tzinfo=UTC) + HOUR
