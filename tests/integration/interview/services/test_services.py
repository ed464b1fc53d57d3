"""Steps of an interview day: what each writes, and what two people at once may not both do."""

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

HOUR = timedelta(hours=1)


def create(**changed: Any) -> Interview:
    """An interview by the service, with whatever is changed."""
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


def refusal(act: Callable[[], object]) -> set[str]:
    """The fields by which an act is refused."""
    with pytest.raises(ValidationError) as refused:
        act()
    return set(refused.value.message_dict)


@pytest.mark.django_db
class TestPlanning:
    def test_planning_an_interview_brings_its_application_into_interviews(self, lin, campaign):
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

    def test_a_room_holds_one_interview_at_a_time(self, campaign):
        room, start = make_room(campaign=campaign), timezone.now() + HOUR
        create(campaign=campaign, room=room, starts_at=start)
        half = timedelta(minutes=30)
        for overlapping in (start - half, start, start + half):
            assert refusal(
                lambda at=overlapping: create(campaign=campaign, room=room, starts_at=at)
            ) == {"room"}
        create(campaign=campaign, room=room, starts_at=start + HOUR)
        create(campaign=campaign, room=room, starts_at=start - HOUR)

    def test_a_cancelled_interview_gives_its_room_free(self, campaign):
        room, start = make_room(campaign=campaign), timezone.now() + HOUR
        bring_to(create(campaign=campaign, room=room, starts_at=start), "cancelled")
        create(campaign=campaign, room=room, starts_at=start)

    def test_a_room_of_another_campaign_or_out_of_use_is_refused(self, campaign):
        assert refusal(lambda: create(campaign=campaign, room=make_room())) == {"room"}
        closed = make_room(campaign=campaign, is_active=False)
        assert refusal(lambda: create(campaign=campaign, room=closed)) == {"room"}

    def test_somebody_interviews_and_is_an_interviewer(self, sun):
        assert refusal(lambda: create(interviewers=[])) == {"interviewers"}
        assert refusal(lambda: create(interviewers=[sun])) == {"interviewers"}

    def test_a_booked_interviewer_is_a_warning_that_a_reason_overrides(self, wu):
        start = timezone.now() + HOUR
        create(interviewers=[wu], starts_at=start)
        assert refusal(lambda: create(interviewers=[wu], starts_at=start)) == {"interviewers"}
        forced = create(interviewers=[wu], starts_at=start, override_reason="He knows")
        assert forced.events.get().reason == "He knows"

    def test_moving_to_another_time_asks_for_confirmation_anew(self):
        interview = make_interview(status="confirmed")
        later = interview.starts_at + HOUR
        moved = services.interview_reschedule(
            interview_id=interview.pk, version=interview.version, starts_at=later,
            ends_at=later + HOUR, reason="Train", actor=NOBODY,
        )  # fmt: skip
        assert (moved.status, moved.starts_at) == ("scheduled", later)
        assert moved.events.last().reason == "Train"

    def test_moving_into_a_taken_room_is_refused_and_changes_nothing(self, campaign):
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
class TestTheDay:
    def test_a_whole_interview_from_plan_to_completion(self, clock, wu, zhao):
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

    def test_a_candidate_nobody_checked_in_has_arrived_when_the_interview_starts(self):
        interview = make_interview(status="confirmed")
        started = services.interview_start(
            interview_id=interview.pk, version=interview.version, actor=NOBODY
        )
        assert started.arrived_at == started.started_at is not None

    def test_a_stale_version_is_refused_with_the_interview_as_it_is(self):
        interview = make_interview()
        bring_to(interview, "confirmed")
        with pytest.raises(StaleVersion) as refused:
            services.interview_check_in(interview_id=interview.pk, version=1, actor=NOBODY)
        assert refused.value.interview.status == "confirmed"
        assert InterviewEvent.objects.filter(action="check-in").count() == 0

    def test_who_declined_owes_no_scorecard(self, wu, zhao):
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

    def test_a_candidate_who_is_here_did_not_fail_to_come(self):
        interview = make_interview(status="arrived")
        assert refusal(
            lambda: services.interview_no_show(
                interview_id=interview.pk, version=interview.version, side="candidate", actor=NOBODY
            )
        ) == {"side"}

    def test_a_scorecard_is_submitted_whole_and_once(self, wu, zhao):
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

    def test_a_step_that_fails_leaves_no_marker_and_no_event(self, monkeypatch):
        """The failure comes last: after the row, the event and the markers were written."""
        interview = make_interview(status="confirmed")
        markers, events = Change.objects.count(), InterviewEvent.objects.count()
        monkeypatch.setattr(services.interview_day, "notify", lambda *said: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.interview_check_in(
                interview_id=interview.pk, version=interview.version, actor=NOBODY
            )
        assert (Change.objects.count(), InterviewEvent.objects.count()) == (markers, events)
        assert not Notification.objects.filter(event="arrived").exists()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act answers or raises, all of them begun at the same moment on own connections."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return act()
        except (StaleVersion, ValidationError) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_of_two_check_ins_of_one_version_one_wins(self, campaign, lin):
        """Two threads, two connections: the row lock decides, and the other finds it stale."""
        interview = make_interview(campaign=campaign, status="confirmed")

        def check_in() -> Interview:
            return services.interview_check_in(
                interview_id=interview.pk,
                version=interview.version,
                actor=Actor(user=lin, source="test"),
            )

        answers = at_once(check_in, check_in)
        kinds = sorted(type(answer).__name__ for answer in answers)
        assert kinds == ["Interview", "StaleVersion"]
        assert InterviewEvent.objects.filter(action="check-in").count() == 1
        assert Notification.objects.filter(event="arrived").count() == 1

    def test_of_two_interviews_for_one_room_and_time_one_is_refused_by_field(self, campaign):
        """Neither sees the other before it commits: the constraint speaks, in words."""
        room, start = make_room(campaign=campaign), timezone.now() + HOUR
        applications = [make_application(campaign=campaign) for _ in range(2)]
        people = [make_interviewer() for _ in range(2)]
        answers = at_once(
            *(
                lambda application=application, person=person: create(
                    application=application, room=room, starts_at=start, interviewers=[person]
                )
                for application, person in zip(applications, people, strict=True)
            )
        )
        refused = [answer for answer in answers if isinstance(answer, ValidationError)]
        assert len(refused) == 1
        assert set(refused[0].message_dict) == {"room"}
        assert Interview.objects.filter(room=room).count() == 1


@pytest.mark.django_db
def test_a_board_costs_the_same_for_ten_interviews_and_for_a_hundred(campaign, wu):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows = list(topics.board_rows(campaign.slug))
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

    total = 10
    make(10)
    few = queries()
    total = 100
    make(90)
    assert queries() == few


@pytest.mark.django_db
def test_a_time_long_past_and_one_of_no_length_are_neither_planned_nor_moved_to() -> None:
    interview = make_interview()
    start, year = interview.starts_at, timedelta(days=367)
    slips = {
        "starts_at": (start - year, start - year + timedelta(hours=1)),
        "ends_at": (start, start + timedelta(seconds=299)),
    }
    for field, (begins, ends) in slips.items():
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
