"""Planning: messages are written once with their change, and only while they are true."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from interview import services
from interview.models import Delivery, Interview, NoticeSettings, Notification, Robot
from interview.notifications import outbox
from interview.notifications.planning import notify
from interview.services.transitions import Actor
from tests.factories import (
    NOBODY,
    make_application,
    make_candidate,
    make_interview,
    make_interviewer,
    make_job,
    make_room,
)

pytestmark = pytest.mark.django_db
NEXT_WEEK = timedelta(days=7)


def planned(*people, **changed) -> Interview:
    changed = {"starts_at": timezone.now() + NEXT_WEEK} | changed
    return make_interview(interviewers=list(people), **changed)


def moved(interview: Interview, *, hours: int = 1) -> Interview:
    interview = Interview.objects.get(pk=interview.pk)
    return services.interview_reschedule(
        interview_id=interview.pk,
        version=interview.version,
        starts_at=interview.starts_at + timedelta(hours=hours),
        ends_at=interview.ends_at + timedelta(hours=hours),
        actor=NOBODY,
    )


def cancelled(interview: Interview) -> Interview:
    interview = Interview.objects.get(pk=interview.pk)
    return services.interview_cancel(
        interview_id=interview.pk,
        version=interview.version,
        reason="No longer wanted",
        side="company",
        actor=NOBODY,
    )


def mailed(person=None) -> list[tuple[str, str]]:
    """Event and state of each e-mail of a person, or of the candidate, in the order of writing."""
    mails = Delivery.objects.filter(channel="email").order_by("pk")
    mails = mails.filter(person=person) if person else mails.filter(candidate__isnull=False)
    return list(mails.values_list("event", "state"))


def all_sent() -> None:
    outbox.mark_sent(outbox.claim(timezone.now(), channel="email", limit=100), timezone.now())


def test_both_sides_are_notified_of_the_plan_a_reschedule_and_the_cancellation(wu):
    interview = planned(wu)
    all_sent()
    moved(interview)
    all_sent()
    cancelled(interview)
    expected = [("assigned", "sent"), ("moved", "sent"), ("cancelled", "queued")]
    assert mailed(wu) == expected
    assert mailed() == expected


def test_a_message_to_a_candidate_without_an_address_is_kept_as_undeliverable():
    candidate = make_candidate(email="")
    planned(make_interviewer(), application=make_application(candidate=candidate))
    assert mailed() == [("assigned", "dead")]


def test_a_reassignment_notifies_both_interviewers_and_not_the_candidate(wu, zhao):
    interview = planned(wu)
    all_sent()
    services.interview_reassign(
        interview_id=interview.pk, version=1, remove=[wu], add=[zhao], reason="Ill", actor=NOBODY
    )
    assert mailed(wu)[1:] == [("unassigned", "queued")]
    assert mailed(zhao) == [("assigned", "queued")]
    assert len(mailed()) == 1


def test_undoing_a_reassignment_notifies_both_interviewers_again(wu, zhao):
    interview = planned(wu)
    all_sent()
    interview = services.interview_reassign(
        interview_id=interview.pk, version=1, remove=[wu], add=[zhao], reason="Ill", actor=NOBODY
    )
    all_sent()
    services.interview_undo(interview_id=interview.pk, version=interview.version, actor=NOBODY)
    assert [event for event, _ in mailed(wu)] == ["assigned", "unassigned", "assigned"]
    assert [event for event, _ in mailed(zhao)] == ["assigned", "unassigned"]


def test_declining_removes_the_calendar_entry_and_adds_no_notice(wu):
    interview = planned(wu)
    all_sent()
    for act, fields in (("decline", {"reason": "Ill"}), ("accept", {})):
        interview = getattr(services, f"interview_{act}")(
            interview_id=interview.pk,
            version=interview.version,
            actor=Actor(user=wu, source="page"),
            **fields,
        )
        all_sent()
    assert [event for event, _ in mailed(wu)] == ["assigned", "unassigned", "assigned"]
    assert Notification.objects.filter(recipient=wu).count() == 1


def test_the_same_call_twice_writes_and_withdraws_nothing(wu):
    interview = planned(wu)
    for _ in range(2):
        notify("moved", interview, [wu.pk], and_candidate=True)
    before = list(Delivery.objects.order_by("pk").values())
    notify("moved", interview, [wu.pk, wu.pk], and_candidate=True)
    assert list(Delivery.objects.order_by("pk").values()) == before
    assert Notification.objects.filter(recipient=wu, event="moved").count() == 1


def test_a_change_that_is_rolled_back_leaves_no_message(wu):
    interview = planned(wu)
    before = Delivery.objects.count()
    with transaction.atomic():
        cancelled(interview)
        assert Delivery.objects.filter(event="cancelled").exists(), "the premise"
        transaction.set_rollback(True)
    assert Delivery.objects.count() == before
    assert not Delivery.objects.filter(state="withdrawn").exists()


def test_people_not_yet_notified_are_told_only_the_final_state(wu):
    interview = planned(wu)
    moved(interview)
    assert mailed(wu) == [("assigned", "withdrawn"), ("assigned", "queued")]
    cancelled(interview)
    assert [state for _, state in mailed(wu)] == ["withdrawn"] * 3


def test_rescheduling_withdraws_everybodys_reminders(wu, zhao):
    interview = planned(wu, zhao)
    other = planned(wu, starts_at=timezone.now() + 2 * NEXT_WEEK)
    for one in (interview, other):
        notify("reminder", one, [wu.pk, zhao.pk], occasion="24h", and_candidate=True)
    moved(interview)
    reminders = Delivery.objects.filter(event="reminder")
    assert set(reminders.filter(interview=interview).values_list("state", flat=True)) == {
        "withdrawn"
    }
    assert set(reminders.filter(interview=other).values_list("state", flat=True)) == {"queued"}


def test_reminders_of_one_version_differ_by_their_occasion(wu):
    interview = planned(wu)
    for occasion in ("24h", "1h", "24h"):
        notify("reminder", interview, [wu.pk], occasion=occasion)
    assert Delivery.objects.filter(event="reminder", person=wu).count() == 2


def test_email_preferences_apply_per_person_and_in_app_notices_stay(wu, zhao):
    NoticeSettings.objects.create(user=wu, mailed=["reminders"])
    planned(wu, zhao)
    assert mailed(wu) == []
    assert mailed(zhao) == [("assigned", "queued")]
    assert Notification.objects.filter(recipient=wu, event="assigned").exists()


def test_quiet_hours_delay_a_plan_for_next_week_and_not_one_for_this_morning(campaign, wu, clock):
    NoticeSettings.objects.create(user=wu, quiet_from=time(22), quiet_until=time(8))
    clock.set(datetime(2026, 11, 25, 15, 30, tzinfo=UTC))  # 23:30 in Beijing
    morning = datetime(2026, 11, 26, 0, 0, tzinfo=UTC)
    later, soon = planned(wu, campaign=campaign), planned(wu, campaign=campaign, starts_at=morning)
    due = dict(Delivery.objects.filter(person=wu).values_list("interview", "due_at"))
    assert due == {later.pk: morning, soon.pk: clock.now()}
    moved(soon, hours=24 * 7)
    message = Delivery.objects.get(person=wu, interview=soon, state="queued")
    assert message.due_at == clock.now(), "otherwise the interviewer would come for nothing"


def test_a_group_gets_messages_of_its_campaign_and_none_about_confidential_jobs(campaign):
    here = Robot.objects.create(name="here", campaign=campaign)
    everywhere = Robot.objects.create(name="everywhere")
    Robot.objects.create(name="off", campaign=campaign, is_enabled=False)
    Robot.objects.create(name="elsewhere", campaign=make_room().campaign)
    cancelled(planned(make_interviewer(), campaign=campaign))
    job = make_job(campaign=campaign, is_confidential=True)
    cancelled(planned(make_interviewer(), application=make_application(job=job)))
    messages = Delivery.objects.filter(channel="dingtalk", event="cancelled")
    assert sorted(messages.values_list("robot", flat=True)) == [here.pk, everywhere.pk]


def test_facts_contain_no_personal_data(wu):
    interview = planned(wu)
    for message in Delivery.objects.all():
        assert message.facts.keys() == {
            "starts_at", "ends_at", "room_id", "room", "version", "occasion",
        }  # fmt: skip
        assert interview.application.candidate.name not in str(message.facts)


def test_notifying_ten_people_takes_no_more_queries_than_one(django_assert_num_queries):
    Robot.objects.create(name="everywhere")
    one = planned(make_interviewer(email="p@example.com"))
    ten = planned(*[make_interviewer(email=f"p{number}@example.com") for number in range(10)])
    for interview in (one, ten):
        people = list(interview.assignments.values_list("interviewer", flat=True))
        fresh = Interview.objects.get(pk=interview.pk)
        with django_assert_num_queries(14):
            notify("cancelled", fresh, people, and_candidate=True)
    assert Delivery.objects.filter(interview=ten, event="cancelled").count() == 12
