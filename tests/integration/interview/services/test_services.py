"""The interview services: what each stores and refuses, and what happens on concurrent calls."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interview import services
from interview.live import topics
from interview.models import Interview, InterviewEvent, Notification
from interview.services import StaleVersion
from interview.services.transitions import Actor
from realtime.models import Change
from tests.factories import (
    NOBODY,
    bring_to,
    make_application,
    make_campaign,
    make_interview,
    make_interviewer,
    make_room,
    make_round,
    make_scorecard,
)
from tests.support.product.day_topics import todays_name

HOUR = timedelta(hours=1)


def create(**changed: Any) -> Interview:
    """Create an interview by the service, with valid defaults for all fields not given."""
    campaign = changed.pop("campaign", None) or make_campaign()
    starts_at = changed.pop("starts_at", timezone.now() + HOUR)
    fields = {
        "application": changed.pop("application", None) or make_application(campaign=campaign),
        "round": make_round(),
        "room": changed.pop("room", None) or make_room(campaign=campaign),
        "starts_at": starts_at,
        "ends_at": starts_at + HOUR,
        "actor": NOBODY,
    }
    if "interviewers" not in changed:
        changed["interviewers"] = [make_interviewer()]
    return services.interview_create(**(fields | changed))


def refusal(call: Callable[[], object]) -> set[str]:
    """The fields named by the ValidationError that this call raises."""
    with pytest.raises(ValidationError) as refused:
        call()
    return set(refused.value.message_dict)


@pytest.mark.django_db
class TestScheduling:
    def test_scheduling_an_interview_moves_its_application_to_interviewing(self, lin, campaign):
        application = make_application(campaign=campaign)
        interview = create(
            application=application, campaign=campaign, actor=Actor(user=lin, source="page")
        )
        application.refresh_from_db()
        assert application.stage == "interviewing"
        event = interview.events.get()
        assert (event.action, event.by, event.source, event.version) == ("create", lin, "page", 1)

    def test_an_interview_ends_after_it_starts_and_within_twelve_hours(self):
        start = timezone.now() + HOUR
        assert refusal(lambda: create(starts_at=start, ends_at=start)) == {"ends_at"}
        assert refusal(lambda: create(starts_at=start, ends_at=start - HOUR)) == {"ends_at"}
        assert refusal(lambda: create(starts_at=start, ends_at=start + 13 * HOUR)) == {"ends_at"}

    def test_a_room_can_have_only_one_interview_at_a_time(self, campaign):
        room, start = make_room(campaign=campaign), timezone.now() + HOUR
        create(campaign=campaign, room=room, starts_at=start)
        half = timedelta(minutes=30)
        for overlapping in (start - half, start, start + half):
            assert refusal(
                lambda at=overlapping: create(campaign=campaign, room=room, starts_at=at)
            ) == {"room"}
        create(campaign=campaign, room=room, starts_at=start + HOUR)
        create(campaign=campaign, room=room, starts_at=start - HOUR)

    def test_a_cancelled_interview_frees_its_room(self, campaign):
        room, start = make_room(campaign=campaign), timezone.now() + HOUR
        bring_to(create(campaign=campaign, room=room, starts_at=start), "cancelled")
        create(campaign=campaign, room=room, starts_at=start)

    def test_a_room_of_another_campaign_or_an_inactive_one_is_refused(self, campaign):
        assert refusal(lambda: create(campaign=campaign, room=make_room())) == {"room"}
        closed = make_room(campaign=campaign, is_active=False)
        assert refusal(lambda: create(campaign=campaign, room=closed)) == {"room"}

    def test_an_interview_needs_at_least_one_interviewer(self, sun):
        assert refusal(lambda: create(interviewers=[])) == {"interviewers"}
        assert refusal(lambda: create(interviewers=[sun])) == {"interviewers"}

    def test_a_booked_interviewer_can_be_scheduled_only_with_a_reason(self, wu):
        start = timezone.now() + HOUR
        create(interviewers=[wu], starts_at=start)
        assert refusal(lambda: create(interviewers=[wu], starts_at=start)) == {"interviewers"}
        forced = create(interviewers=[wu], starts_at=start, override_reason="Agreed by phone")
        assert forced.events.get().reason == "Agreed by phone"

    def test_a_rescheduled_interview_must_be_confirmed_again(self):
        interview = make_interview(status="confirmed")
        later = interview.starts_at + HOUR
        moved = services.interview_reschedule(
            interview_id=interview.pk, version=interview.version, starts_at=later,
            ends_at=later + HOUR, reason="Train", actor=NOBODY,
        )  # fmt: skip
        assert (moved.status, moved.starts_at) == ("scheduled", later)
        assert moved.events.last().reason == "Train"

    def test_rescheduling_into_an_occupied_room_is_refused_and_changes_nothing(self, campaign):
        interview, other = make_interview(campaign=campaign), make_interview(campaign=campaign)
        fields = refusal(
            lambda: services.interview_reschedule(
                interview_id=interview.pk,
                version=interview.version,
                room=other.room,
                starts_at=other.starts_at,
                ends_at=other.ends_at,
                actor=NOBODY,
            )
        )
        assert fields == {"room"}
        unchanged = Interview.objects.get(pk=interview.pk)
        assert (unchanged.room, unchanged.version) == (interview.room, interview.version)


@pytest.mark.django_db
class TestInterviewDay:
    def test_an_interview_goes_from_scheduled_to_completed(self, clock, wu, zhao):
        interview = make_interview(interviewers=[wu, zhao], starts_at=clock.now() + HOUR)
        for name, minutes in [("confirm", 10), ("check_in", 40), ("start", 12), ("finish", 55)]:
            moment = clock.shift(minutes=minutes)
            service = getattr(services, f"interview_{name}")
            interview = service(interview_id=interview.pk, version=interview.version, actor=NOBODY)
        assert interview.arrived_at < interview.started_at < interview.finished_at == moment
        assert interview.status == "feedback_due"
        make_scorecard(interview=interview, interviewer=wu)
        assert Interview.objects.get(pk=interview.pk).status == "feedback_due"
        make_scorecard(interview=interview, interviewer=zhao)
        assert Interview.objects.get(pk=interview.pk).status == "completed"
        actions = ["create", "confirm", "check-in", "start", "finish", "complete"]
        assert [event.action for event in interview.events.all()] == actions

    def test_starting_an_interview_checks_the_candidate_in(self):
        interview = make_interview(status="confirmed")
        started = services.interview_start(
            interview_id=interview.pk, version=interview.version, actor=NOBODY
        )
        assert started.arrived_at == started.started_at is not None

    def test_a_stale_version_is_refused_and_the_current_interview_returned(self):
        interview = make_interview()
        bring_to(interview, "confirmed")
        with pytest.raises(StaleVersion) as refused:
            services.interview_check_in(interview_id=interview.pk, version=1, actor=NOBODY)
        assert refused.value.interview.status == "confirmed"
        assert InterviewEvent.objects.filter(action="check-in").count() == 0

    def test_an_interviewer_who_declined_owes_no_scorecard(self, wu, zhao):
        interview = make_interview(interviewers=[wu, zhao])
        services.interview_decline(
            interview_id=interview.pk,
            version=1,
            reason="Ill",
            actor=Actor(user=zhao, source="page"),
        )
        for name in ("start", "finish"):
            interview = getattr(services, f"interview_{name}")(
                interview_id=interview.pk,
                version=Interview.objects.get(pk=interview.pk).version,
                actor=NOBODY,
            )
        make_scorecard(interview=interview, interviewer=wu)
        assert Interview.objects.get(pk=interview.pk).status == "completed"

    def test_a_candidate_who_has_arrived_cannot_be_a_no_show(self):
        interview = make_interview(status="arrived")
        assert refusal(
            lambda: services.interview_no_show(
                interview_id=interview.pk, version=interview.version, side="candidate", actor=NOBODY
            )
        ) == {"side"}

    def test_a_scorecard_must_be_complete_and_is_submitted_once(self, wu, zhao):
        interview = make_interview(interviewers=[wu], status="in_progress")
        assert refusal(lambda: make_scorecard(interview=interview, interviewer=wu, scores={})) == {
            f"score_{c.pk}" for c in interview.round.criteria.all()
        }
        assert refusal(
            lambda: make_scorecard(interview=interview, interviewer=wu, recommendation="")
        ) == {"recommendation"}
        draft = make_scorecard(
            interview=interview, interviewer=wu, is_final=False, scores={}, recommendation=""
        )
        assert draft.state == "draft"
        make_scorecard(interview=interview, interviewer=wu)
        again = refusal(lambda: make_scorecard(interview=interview, interviewer=wu))
        assert again == {"state"}
        assert refusal(lambda: make_scorecard(interview=interview, interviewer=zhao)) == {
            "interviewer"
        }

    def test_a_failed_action_leaves_no_change_marker_and_no_event(self, monkeypatch):
        """The failure comes last, after the row, the event and the change markers are written."""
        interview = make_interview(status="confirmed")
        markers, events = Change.objects.count(), InterviewEvent.objects.count()
        monkeypatch.setattr(services.interview_day, "notify", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.interview_check_in(
                interview_id=interview.pk, version=interview.version, actor=NOBODY
            )
        assert (Change.objects.count(), InterviewEvent.objects.count()) == (markers, events)
        assert not Notification.objects.filter(event="arrived").exists()


def run_together(*calls: Callable[[], object]) -> list[object]:
    """Run all calls at the same moment, each with its own connection; return results or errors."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return call()
        except (StaleVersion, ValidationError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
class TestConcurrency:
    def test_of_two_simultaneous_check_ins_one_succeeds_and_one_is_stale(self, campaign, lin):
        """The row lock orders them: the second one finds its version stale."""
        interview = make_interview(campaign=campaign, status="confirmed")

        def check_in() -> Interview:
            return services.interview_check_in(
                interview_id=interview.pk,
                version=interview.version,
                actor=Actor(user=lin, source="test"),
            )

        results = run_together(check_in, check_in)
        kinds = sorted(type(result).__name__ for result in results)
        assert kinds == ["Interview", "StaleVersion"]
        assert InterviewEvent.objects.filter(action="check-in").count() == 1
        assert Notification.objects.filter(event="arrived").count() == 1

    def test_of_two_simultaneous_bookings_of_a_room_one_is_refused(self, campaign):
        """Neither sees the other before it commits; the database constraint refuses the second."""
        room, start = make_room(campaign=campaign), timezone.now() + HOUR
        applications = [make_application(campaign=campaign) for _ in range(2)]
        people = [make_interviewer() for _ in range(2)]
        results = run_together(
            *(
                lambda application=application, person=person: create(
                    application=application, room=room, starts_at=start, interviewers=[person]
                )
                for application, person in zip(applications, people, strict=True)
            )
        )
        refused = [result for result in results if isinstance(result, ValidationError)]
        assert len(refused) == 1
        assert set(refused[0].message_dict) == {"room"}
        assert Interview.objects.filter(room=room).count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_board_takes_the_same_number_of_queries_for_3_and_12_interviews(campaign, wu):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows = list(topics.board_rows(todays_name(campaign)))
        assert len([row for row in rows if row["kind"] == "interview"]) == total
        return len(captured)

    def make(number: int) -> None:
        room, application = make_room(campaign=campaign), make_application(campaign=campaign)
        for step in range(number):
            starts_at = timezone.now() + step * HOUR
            make_interview(
                application=application, room=room, starts_at=starts_at,
                interviewers=[make_interviewer()],
            )  # fmt: skip

    total = 3
    make(3)
    few = queries()
    total = 12
    make(9)
    assert queries() == few


@pytest.mark.django_db
def test_times_in_the_distant_past_and_too_short_interviews_are_refused() -> None:
    interview = make_interview()
    start, year = interview.starts_at, timedelta(days=367)
    invalid = {
        "starts_at": (start - year, start - year + timedelta(hours=1)),
        "ends_at": (start, start + timedelta(seconds=299)),
    }
    for field, (begins, ends) in invalid.items():
        with pytest.raises(ValidationError) as refused:
            make_interview(starts_at=begins, ends_at=ends)
        assert set(refused.value.message_dict) == {field}
        with pytest.raises(ValidationError) as refused:
            services.interview_reschedule(
                interview_id=interview.pk, version=1, starts_at=begins, ends_at=ends, actor=NOBODY
            )
        assert set(refused.value.message_dict) == {field}
    assert Interview.objects.get().version == 1
    services.interview_reschedule(
        interview_id=interview.pk,
        version=1,
        starts_at=start,
        ends_at=start + timedelta(minutes=5),
        actor=NOBODY,
    )
