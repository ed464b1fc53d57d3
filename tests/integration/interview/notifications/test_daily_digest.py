"""Daily digest for coordinators: today's interviews and open problems, or no e-mail at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interview import services, tasks
from interview.models import Delivery, NoticeSettings, Notification, ReminderSettings
from interview.notifications.email.message import build_email
from interview.notifications.reminders.daily_digest import campaign_days, digest_of, send_digests
from interview.notifications.reminders.scorecards import remind_of_scorecards
from interview.notifications.reminders.upcoming import remind
from interview.services.transitions import Actor
from jobs.models import PersonalSettings
from tests.factories import bring_to, make_campaign, make_interview, make_member
from tests.people import make_person

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MORNING = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # eight o'clock in Beijing


def digests() -> list[Delivery]:
    return list(Delivery.objects.filter(event="digest").order_by("pk"))


def sweep_digests(clock, moment: datetime = MORNING) -> int:
    clock.set(moment + MINUTE)
    return send_digests(moment, moment + MINUTE)


def test_a_coordinator_gets_one_digest_with_numbers_each_morning(campaign, lin, wu, clock):
    clock.set(MORNING - DAY)
    at_ten = MORNING + 2 * HOUR
    make_interview(campaign=campaign, starts_at=at_ten)
    confirmed = make_interview(campaign=campaign, starts_at=at_ten, interviewers=[wu])
    bring_to(confirmed, "confirmed")
    services.interview_decline(
        interview_id=confirmed.pk, version=2, reason="ill", actor=Actor(user=wu, source="page")
    )
    make_interview(campaign=campaign, starts_at=MORNING - 20 * HOUR)  # never closed
    bring_to(make_interview(campaign=campaign, starts_at=MORNING - 21 * HOUR), "feedback_due")
    make_interview(campaign=campaign, starts_at=at_ten + 2 * DAY)
    for _ in range(2):
        sweep_digests(clock)
    [digest] = digests()
    assert (digest.person, digest.channel, digest.priority) == (lin, "email", 3)
    assert digest.facts["campaigns"] == [campaign.pk]
    [morning] = digest_of(digest, now=clock.now())
    assert morning.today == 2
    assert (morning.unconfirmed, morning.declined) == (1, 1)
    assert (morning.left_open, morning.feedback_overdue) == (1, 1)
    assert not Notification.objects.filter(event="digest").exists()


def test_a_sweep_continues_where_the_last_one_ended(campaign, lin, clock):
    clock.set(MORNING - HOUR)
    make_interview(campaign=campaign, starts_at=MORNING + HOUR)
    tasks.send_digests()
    assert digests() == []
    clock.set(MORNING + 20 * MINUTE)
    tasks.send_digests()
    assert len(digests()) == 1


def test_a_digest_without_content_is_not_sent(campaign, lin, clock):
    make_interview(campaign=campaign, starts_at=MORNING + 3 * DAY)
    sweep_digests(clock)
    assert digests() == []


def test_open_problems_wait_for_a_working_day_and_interviews_do_not(campaign, lin, clock):
    saturday = MORNING + 3 * DAY
    clock.set(saturday - DAY)
    bring_to(make_interview(campaign=campaign, starts_at=clock.now()), "feedback_due")
    sweep_digests(clock, saturday)
    assert digests() == []
    make_interview(campaign=campaign, starts_at=saturday + HOUR)
    sweep_digests(clock, saturday)
    assert len(digests()) == 1


def test_people_who_opted_out_or_do_not_coordinate_get_no_digest(campaign, lin, wu, clock):
    make_interview(campaign=campaign, interviewers=[wu], starts_at=MORNING + HOUR)
    NoticeSettings.objects.create(user=lin, mailed=["plans"])
    sweep_digests(clock)
    assert digests() == []


def test_a_digest_omits_campaigns_that_its_reader_has_left(campaign, lin, clock):
    make_interview(campaign=campaign, starts_at=MORNING + HOUR)
    sweep_digests(clock)
    campaign.members.all().delete()
    [digest] = digests()
    assert digest_of(digest, now=clock.now()) == []


def test_the_digest_keeps_its_local_time_when_the_clocks_change(lin, clock):
    berlin = make_campaign(time_zone="Europe/Berlin")
    make_member(berlin, lin)
    ReminderSettings.objects.create(campaign=berlin, country="DE")
    moved = datetime(2027, 3, 28, 8, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    make_interview(campaign=berlin, starts_at=moved + 2 * HOUR)
    assert sweep_digests(clock, datetime(2027, 3, 28, 7, 0, tzinfo=UTC)) == 0
    assert sweep_digests(clock, datetime(2027, 3, 28, 6, 0, tzinfo=UTC)) == 1


def test_after_an_outage_of_days_one_digest_is_sent(campaign, lin, clock):
    make_interview(campaign=campaign, starts_at=MORNING + 2 * HOUR)
    clock.set(MORNING + HOUR)
    send_digests(MORNING - 5 * DAY, clock.now())
    assert len(digests()) == 1


def test_digests_take_the_same_number_of_queries_for_one_campaign_and_for_five(campaign, clock):
    def queries(number: int) -> int:
        campaigns = [make_campaign() for _ in range(number)]
        for one in campaigns:
            make_member(one, make_person(f"coordinator-{one.pk}", "coordinator"))
            make_interview(campaign=one, starts_at=MORNING + HOUR)
        with CaptureQueriesContext(connection) as captured:
            assert len(campaign_days(campaigns, now=MORNING)) == number
        return len(captured)

    assert queries(1) == queries(5) == 2


def test_the_digest_contains_numbers_and_no_names(campaign, lin, clock):
    interview = make_interview(campaign=campaign, starts_at=MORNING + HOUR)
    NoticeSettings.objects.create(user=lin, time_zone="Asia/Shanghai")
    PersonalSettings.objects.create(user=lin, language="en")
    sweep_digests(clock)
    mail = build_email(Delivery.objects.get(event="digest"))
    assert "1 interview today." in mail.body
    assert f"{campaign.name}: 1 interview · 1 not confirmed" in mail.body
    assert f"/board/{campaign.slug}/" in mail.body
    assert interview.application.candidate.name not in str(mail.message())


def test_a_reminder_by_email_says_how_much_time_is_left(campaign, wu, clock):
    PersonalSettings.objects.create(user=wu, language="en")
    starts_at = clock.now() + HOUR
    make_interview(campaign=campaign, interviewers=[wu], starts_at=starts_at + MINUTE)
    clock.shift(minutes=1, seconds=20)
    remind(clock.now() - MINUTE, clock.now())
    mail = build_email(Delivery.objects.get(event="reminder", person=wu))
    assert "In 1 hour: your interview with" in mail.body.replace("\xa0", " ")
    to_candidate = Delivery.objects.get(event="reminder", candidate__isnull=False)
    assert build_email(to_candidate).to == [to_candidate.candidate.email]


def test_the_escalation_of_missing_scorecards_links_to_the_interview(campaign, lin, clock):
    """Not to a scorecard, which the coordinator may not write."""
    interview = make_interview(campaign=campaign, status="feedback_due")
    for _ in range(6 * 24):
        remind_of_scorecards(clock.now(), clock.shift(hours=1))
    mail = build_email(Delivery.objects.get(event="feedback_due", person=lin))
    assert f"/interviews/{interview.pk}/" in mail.body
    assert "scorecard/" not in mail.body
