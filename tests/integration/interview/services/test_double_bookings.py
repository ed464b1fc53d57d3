"""One candidate or interviewer is never booked twice unnoticed, whichever way an interview goes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interview import services
from interview.live.rows import current_row
from interview.models import Interview, Room
from interview.services.schedule_locks import lock_schedules
from interview.services.transitions import Actor, StaleVersion
from jobs.merging.diff import digest_of, merge_warnings, records_of
from jobs.merging.execute import candidates_merge
from jobs.merging.refusals import MergeRefused
from jobs.models import Application, Campaign, Candidate
from tests.factories import (
    NOBODY,
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_interviewer,
    make_room,
    make_round,
)
from tests.support.clients.api import api_of, refused, state_of
from tests.support.faults.interleaving import a_lock_is_awaited
from tests.support.product.clock import Clock
from tests.support.wait import until

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
HINT = "Enter a reason to continue."
BOOKED = "The candidate has another interview at that time."


@pytest.fixture
def start() -> datetime:
    """Ten o'clock in Beijing: a queue of interviews from then on is of one day."""
    in_two_days = timezone.now() + timedelta(days=2)
    return in_two_days.replace(hour=2, minute=0, second=0, microsecond=0)


@pytest.fixture
def candidate(campaign: Campaign) -> Candidate:
    return make_candidate(campaign=campaign)


def second_application(candidate: Candidate, campaign: Campaign | None = None) -> Application:
    """An application of the same person for another job."""
    return make_application(candidate=candidate, campaign=campaign or make_campaign())


def schedule(application: Application, starts_at: datetime, **fields: Any) -> Interview:
    campaign = application.job.campaign
    given = {
        "room": fields.pop("room", None) or make_room(campaign=campaign),
        "interviewers": fields.pop("interviewers", None) or [make_interviewer()],
    }
    return services.interview_create(
        application=application,
        round=make_round(),
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        actor=NOBODY,
        **(given | fields),
    )


def reschedule(interview: Interview, starts_at: datetime, **fields: Any) -> Interview:
    fresh = Interview.objects.get(pk=interview.pk)
    return services.interview_reschedule(
        interview_id=fresh.pk,
        version=fresh.version,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        actor=NOBODY,
        **fields,
    )


def reasons(call: Callable[[], object]) -> dict[str, list[str]]:
    """The errors by field; nothing has changed."""
    before = state_of(Interview)
    with pytest.raises(ValidationError) as error:
        call()
    assert state_of(Interview) == before
    return error.value.message_dict


@pytest.mark.django_db
class TestCandidate:
    def test_a_second_application_at_the_same_time_needs_a_reason(
        self, campaign: Campaign, candidate: Candidate, start: datetime
    ) -> None:
        schedule(second_application(candidate, campaign), start)
        other = second_application(candidate)
        found = reasons(lambda: schedule(other, start + HOUR / 2))
        assert found == {"application": [BOOKED, HINT]}
        kept = schedule(other, start + HOUR / 2, override_reason="Group exercise")
        assert kept.events.get().reason == "Group exercise"
        assert "clash" in current_row(kept)["flags"]

    def test_both_interviews_of_a_candidate_show_the_clash(
        self, campaign: Campaign, candidate: Candidate, start: datetime
    ) -> None:
        one, other = (second_application(candidate, campaign) for _ in range(2))
        first = schedule(one, start)
        assert "clash" not in current_row(first)["flags"]
        schedule(other, start, override_reason="Group exercise")
        assert "clash" in current_row(first)["flags"]

    def test_a_candidate_needs_time_to_walk_to_another_room_but_not_to_a_call(
        self, campaign: Campaign, candidate: Candidate, start: datetime
    ) -> None:
        first = schedule(second_application(candidate, campaign), start)
        second = second_application(candidate, campaign)
        soon = start + HOUR + 4 * MINUTE
        (text, hint) = reasons(lambda: schedule(second, soon))["application"]
        assert "less than 5 minutes to walk" in text
        assert hint == HINT
        schedule(second, start + HOUR, room=make_room(campaign=campaign, kind=Room.Kind.VIDEO))
        third = second_application(candidate, campaign)
        schedule(third, start - HOUR, room=first.room)

    def test_an_interview_cannot_be_rescheduled_onto_another_one_of_the_candidate(
        self, campaign: Campaign, candidate: Candidate, start: datetime
    ) -> None:
        schedule(second_application(candidate), start)
        moved = schedule(second_application(candidate, campaign), start + 3 * HOUR)
        assert reasons(lambda: reschedule(moved, start)) == {"candidate": [BOOKED, HINT]}
        assert "candidate" in reasons(
            lambda: reschedule(moved, start, reason="Train", override_reason="")
        )
        done = reschedule(moved, start, reason="Train", override_reason="Group exercise")
        assert done.events.last().reason == "Train · Group exercise"  # type: ignore[union-attr]

    def test_times_at_which_the_candidate_is_elsewhere_are_neither_offered_nor_chosen(
        self, campaign: Campaign, candidate: Candidate, start: datetime
    ) -> None:
        interview = schedule(second_application(candidate, campaign), start)
        other = second_application(candidate)
        taken = schedule(other, start + 3 * HOUR)

        def offer(at: datetime) -> Interview:
            fresh = Interview.objects.get(pk=interview.pk)
            return services.interview_offer_times(
                interview_id=fresh.pk, version=fresh.version, starts=[at], actor=NOBODY
            )

        (text, hint) = reasons(lambda: offer(start + 3 * HOUR))["starts"]
        assert BOOKED in text
        assert hint == HINT
        offered = offer(start + 5 * HOUR)
        reschedule(taken, start + 5 * HOUR, reason="Their only free hour")
        time = offered.offered_times.get()
        assert reasons(
            lambda: services.interview_choose_time(
                interview_id=offered.pk, version=offered.version, time_id=time.pk, actor=NOBODY
            )
        ) == {"time": ["This time is no longer available. Choose another one."]}


@pytest.mark.django_db
class TestAllConflicts:
    def test_room_candidate_and_interviewers_are_reported_together(
        self, campaign: Campaign, candidate: Candidate, wu: User, zhao: User, start: datetime
    ) -> None:
        first = schedule(second_application(candidate, campaign), start, interviewers=[wu, zhao])
        other = second_application(candidate, campaign)
        found = reasons(lambda: schedule(other, start, room=first.room, interviewers=[wu, zhao]))
        assert found.keys() == {"room", "application", "interviewers"}
        assert found["room"] == ["This room is taken at that time."], "no reason frees a room"
        assert len(found["interviewers"]) == 3, "each interviewer, and the hint once"

    def test_the_conflicts_of_a_place_can_be_read_before_the_interview_is_moved(
        self, campaign: Campaign, candidate: Candidate, wu: User, lin: User, start: datetime
    ) -> None:
        there = schedule(second_application(candidate, campaign), start, interviewers=[wu])
        moved = schedule(
            second_application(candidate, campaign), start + 3 * HOUR, interviewers=[wu]
        )
        api = api_of(lin)
        query = f"?starts_at={start:%Y-%m-%dT%H:%M}Z&ends_at={start + HOUR:%Y-%m-%dT%H:%M}Z"
        before = state_of(Interview)
        answer = api.get(f"interviews/{moved.pk}/conflicts/{query}&room={there.room_id}")
        assert [(one["kind"], one["refused"]) for one in answer.json()] == [
            ("room_taken", True),
            ("candidate_booked", False),
            ("booked", False),
        ]
        assert state_of(Interview) == before
        assert api.get(f"interviews/{moved.pk}/conflicts/").json() == []
        refused(api_of(wu).get(f"interviews/{moved.pk}/conflicts/"), 403)
        foreign = make_room().pk
        for invalid in (f"?room={foreign}", "?starts_at=soon", "?starts_at=0001-01-01T00:00Z"):
            refused(api.get(f"interviews/{moved.pk}/conflicts/{invalid}"), 400)

    def test_a_day_that_is_full_already_is_not_asked_about_again(
        self, campaign: Campaign, wu: User, start: datetime
    ) -> None:
        midday = start.replace(hour=1)  # 09:00 in Beijing
        for number in range(8):
            make_interview(
                campaign=campaign, interviewers=[wu], starts_at=midday + number * HOUR,
                ends_at=midday + number * HOUR + HOUR / 2,
            )  # fmt: skip
        ninth = make_interview(campaign=campaign, interviewers=[wu], starts_at=midday + 9 * HOUR)
        reschedule(ninth, midday + 10 * HOUR)
        texts = reasons(lambda: reschedule(ninth, midday + 3 * HOUR))["interviewers"]
        assert "another interview at that time" in texts[0]
        assert not any("that day" in text for text in texts)


@pytest.mark.django_db
class TestApi:
    def test_a_reason_to_move_does_not_confirm_what_a_form_has_not_shown(
        self, campaign: Campaign, candidate: Candidate, lin: User, start: datetime
    ) -> None:
        schedule(second_application(candidate), start)
        moved = schedule(second_application(candidate, campaign), start + 3 * HOUR)
        api, address = api_of(lin), f"interviews/{moved.pk}/"
        times = {"starts_at": start.isoformat(), "ends_at": (start + HOUR).isoformat()}
        form = times | {"version": 1, "reason": "Train", "override_reason": ""}
        assert refused(api.post(f"{address}reschedule/", form)).keys() == {"candidate"}
        assert refused(api.patch(address, times | {"version": 1})).keys() == {"candidate"}
        done = api.post(f"{address}reschedule/", form | {"override_reason": "Group exercise"})
        assert done.status_code == 200
        assert "clash" in done.json()["flags"]

    def test_a_client_without_override_reason_confirms_with_its_reason(
        self, campaign: Campaign, candidate: Candidate, lin: User, start: datetime
    ) -> None:
        schedule(second_application(candidate), start)
        moved = schedule(second_application(candidate, campaign), start + 3 * HOUR)
        body = {"version": 1, "starts_at": start.isoformat(), "reason": "Group exercise"}
        body["ends_at"] = (start + HOUR).isoformat()
        assert api_of(lin).post(f"interviews/{moved.pk}/reschedule/", body).status_code == 200


@pytest.mark.django_db
class TestShift:
    @pytest.fixture
    def room(self, campaign: Campaign) -> Room:
        return make_room(campaign=campaign)

    def test_the_preview_is_refused_like_the_shift_and_names_every_blocked_interview(
        self, room: Room, lin: User, start: datetime
    ) -> None:
        moved = make_interview(room=room, starts_at=start, status="confirmed")
        wall = make_interview(room=room, starts_at=start + 90 * MINUTE, status="in_progress")
        api = api_of(lin)
        body = {"minutes": 45, "from": start.isoformat()}
        real = refused(api.post(f"rooms/{room.pk}/shift/", body))
        preview = refused(api.post(f"rooms/{room.pk}/shift/", body | {"dry_run": True}))
        assert real == preview
        assert moved.application.candidate.name in preview["room"][0]
        assert wall.application.candidate.name not in preview["room"][0]

    def test_the_preview_tells_warnings_and_who_has_to_confirm_again(
        self, room: Room, candidate: Candidate, lin: User, start: datetime
    ) -> None:
        confirmed = make_interview(room=room, starts_at=start, status="confirmed")
        application = second_application(candidate, room.campaign)
        make_interview(application=application, room=room, starts_at=start + HOUR)
        schedule(second_application(candidate), start + 2 * HOUR + 10 * MINUTE)
        api = api_of(lin)
        body = {"minutes": 20, "from": start.isoformat()}
        preview = api.post(f"rooms/{room.pk}/shift/", body | {"dry_run": True}).json()["moved"]
        assert [one["must_confirm"] for one in preview] == [True, False]
        assert [[w["kind"] for w in one["warnings"]] for one in preview] == [
            [],
            ["candidate_booked"],
        ]
        assert refused(api.post(f"rooms/{room.pk}/shift/", body)).keys() == {"candidate"}
        done = api.post(f"rooms/{room.pk}/shift/", body | {"override_reason": "Agreed with them"})
        assert done.status_code == 200
        confirmed.refresh_from_db()
        assert confirmed.status == "scheduled"
        assert confirmed.events.get(action="shift").reason == "Agreed with them"

    def test_undoing_a_shift_restores_the_confirmation(self, room: Room, start: datetime) -> None:
        confirmed = make_interview(room=room, starts_at=start, status="confirmed")
        services.room_shift(room=room, minutes=10, from_=start, actor=NOBODY)
        confirmed.refresh_from_db()
        services.interview_undo(interview_id=confirmed.pk, version=confirmed.version, actor=NOBODY)
        confirmed.refresh_from_db()
        assert (confirmed.status, confirmed.starts_at) == ("confirmed", start)

    def test_interviews_that_move_together_are_not_in_each_others_way(
        self, room: Room, wu: User, start: datetime
    ) -> None:
        for number in range(3):
            make_interview(room=room, starts_at=start + number * HOUR, interviewers=[wu])
        moved = services.room_shift(room=room, minutes=30, from_=start, actor=NOBODY)
        assert [one.warnings for one in moved] == [()] * 3

    def test_a_longer_queue_takes_no_more_queries_to_check(
        self, room: Room, start: datetime
    ) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as captured:
                services.room_shift(
                    room=room, minutes=5, from_=start, actor=NOBODY, is_preview=True
                )
            return len(captured)

        make_interview(room=room, starts_at=start)
        one = cost()
        for number in range(1, 5):
            make_interview(room=room, starts_at=start + number * HOUR)
        assert cost() == one


@pytest.mark.django_db
class TestMerge:
    @pytest.fixture
    def pair(self, campaign: Campaign, start: datetime) -> tuple[Interview, Interview]:
        """Interviews of two records of one person, at overlapping times."""
        first, second = (make_application(campaign=campaign) for _ in range(2))
        return schedule(first, start), schedule(second, start + HOUR / 2)

    def merge(self, pair: tuple[Interview, Interview], by: User, **fields: str) -> Candidate:
        kept, removed = (one.application.candidate_id for one in pair)
        records = records_of(Candidate.objects.filter(pk__in=[kept, removed]))
        return candidates_merge(
            kept=kept,
            removed=removed,
            fields_from_removed=[],
            shown=digest_of(records),
            by=by,
            **fields,
        )

    def test_records_with_overlapping_interviews_are_merged_only_with_a_reason(
        self, pair: tuple[Interview, Interview], lin: User
    ) -> None:
        before = state_of(Candidate, Interview)
        with pytest.raises(MergeRefused):
            self.merge(pair, lin)
        assert state_of(Candidate, Interview) == before
        self.merge(pair, lin, override_reason="One of them moves tomorrow")
        for interview in pair:
            event = interview.events.get(action="merge")
            assert (event.reason, event.by) == ("One of them moves tomorrow", lin)
            assert "clash" in current_row(interview)["flags"]

    def test_records_whose_interviews_do_not_overlap_need_no_reason(
        self, pair: tuple[Interview, Interview], start: datetime, lin: User
    ) -> None:
        reschedule(pair[1], start + 3 * HOUR)
        assert merge_warnings(*(one.application.candidate_id for one in pair)) == []
        self.merge(pair, lin)
        assert not pair[0].events.filter(action="merge").exists()


def undo(interview: Interview, **fields: Any) -> Interview:
    fresh = Interview.objects.get(pk=interview.pk)
    return services.interview_undo(
        interview_id=fresh.pk, version=fresh.version, actor=NOBODY, **fields
    )


def take(interview: Interview, name: str, *, actor: Actor = NOBODY, **fields: Any) -> Interview:
    fresh = Interview.objects.get(pk=interview.pk)
    service = getattr(services, f"interview_{name}")
    done: Interview = service(interview_id=fresh.pk, version=fresh.version, actor=actor, **fields)
    return done


@pytest.mark.django_db
class TestUndo:
    @pytest.fixture
    def interview(
        self, campaign: Campaign, candidate: Candidate, wu: User, start: datetime
    ) -> Interview:
        return schedule(second_application(candidate, campaign), start, interviewers=[wu])

    def book_elsewhere(
        self, who: str, candidate: Candidate, wu: User, start: datetime
    ) -> Interview:
        application = second_application(candidate) if who == "candidate" else make_application()
        people = [wu] if who == "interviewers" else [make_interviewer()]
        return schedule(application, start, interviewers=people)

    @pytest.mark.parametrize("who", ["candidate", "interviewers"])
    @pytest.mark.parametrize("way", ["cancel", "no_show", "reschedule"])
    def test_undo_needs_a_reason_if_somebody_has_been_booked_since(
        self,
        way: str,
        who: str,
        interview: Interview,
        candidate: Candidate,
        wu: User,
        start: datetime,
    ) -> None:
        if way == "reschedule":
            reschedule(interview, start + 3 * HOUR)
        else:
            fields = {"side": "candidate"} | ({"reason": "Ill"} if way == "cancel" else {})
            take(interview, way, **fields)
        self.book_elsewhere(who, candidate, wu, start)
        found = reasons(lambda: undo(interview))
        assert found.keys() == {who}
        assert found[who][-1] == HINT
        assert reasons(lambda: undo(interview, override_reason=" ")) == found
        undone = undo(interview, override_reason="Group exercise")
        assert (undone.status, undone.starts_at) == ("scheduled", start)
        assert undone.events.last().reason == "Group exercise"  # type: ignore[union-attr]
        assert "clash" in current_row(undone)["flags"]

    @pytest.mark.parametrize("way", ["reassign", "decline"])
    def test_an_interviewer_returns_only_with_a_reason_if_booked_since(
        self, way: str, interview: Interview, candidate: Candidate, wu: User, start: datetime
    ) -> None:
        if way == "reassign":
            take(interview, "reassign", remove=[wu], add=[make_interviewer()], reason="Ill")
        else:
            take(interview, "decline", reason="Ill", actor=Actor(user=wu, source="page"))
        self.book_elsewhere("interviewers", candidate, wu, start)
        assert reasons(lambda: undo(interview)).keys() == {"interviewers"}
        undo(interview, override_reason="They sit next door")
        (assignment,) = interview.assignments.all()
        assert (assignment.interviewer, assignment.response) == (wu, "pending")

    def test_the_undo_of_a_shift_tells_conflicts_of_each_interview(
        self, interview: Interview, candidate: Candidate, wu: User, start: datetime
    ) -> None:
        room = interview.room
        second = make_interview(room=room, starts_at=start + HOUR)
        services.room_shift(room=room, minutes=120, from_=start, actor=NOBODY)
        self.book_elsewhere("interviewers", candidate, wu, start)
        assert reasons(lambda: undo(second)).keys() == {"interviewers"}
        undo(second, override_reason="They sit next door")
        interview.refresh_from_db()
        assert interview.starts_at == start

    def test_a_shift_can_be_undone_after_the_room_got_another_name(
        self, interview: Interview, start: datetime
    ) -> None:
        room = interview.room
        make_interview(room=room, starts_at=start + HOUR)
        services.room_shift(room=room, minutes=10, from_=start, actor=NOBODY)
        services.room_update(room=room, version=room.version, name="B-1")
        undo(interview)
        starts = Interview.objects.filter(room=room).values_list("starts_at", flat=True)
        assert list(starts) == [start, start + HOUR]

    def test_a_shift_is_not_undone_if_one_of_its_interviews_has_changed_since(
        self, interview: Interview, start: datetime
    ) -> None:
        second = make_interview(room=interview.room, starts_at=start + HOUR)
        services.room_shift(room=interview.room, minutes=10, from_=start, actor=NOBODY)
        take(second, "check_in")
        assert reasons(lambda: undo(interview)).keys() == {"status"}

    def test_an_early_end_is_undone_only_with_a_reason_if_the_time_was_booked_since(
        self, campaign: Campaign, wu: User, start: datetime, clock: Clock
    ) -> None:
        running = make_interview(
            campaign=campaign, interviewers=[wu], status="in_progress",
            starts_at=clock.now(), ends_at=clock.now() + HOUR,
        )  # fmt: skip
        clock.shift(minutes=20)
        take(running, "finish")
        schedule(make_application(), clock.now() + 15 * MINUTE, interviewers=[wu])
        assert reasons(lambda: undo(running)).keys() == {"interviewers"}

    def test_conflicts_that_an_interview_has_already_are_not_asked_about_again(
        self, campaign: Campaign, candidate: Candidate, clock: Clock
    ) -> None:
        application, now = second_application(candidate, campaign), clock.now()
        interview = make_interview(application=application, starts_at=now, ends_at=now + HOUR)
        schedule(second_application(candidate), now + HOUR / 2, override_reason="Group exercise")
        schedule(second_application(candidate), now - HOUR, override_reason="Same floor")
        take(interview, "check_in")
        assert "clash" in current_row(interview)["flags"]
        take(interview, "start")
        assert undo(interview).status == "arrived"
        take(interview, "start")
        clock.shift(minutes=50)
        take(interview, "finish")
        assert undo(interview).status == "in_progress"

    def test_a_taken_room_is_refused_with_any_reason(
        self, interview: Interview, start: datetime
    ) -> None:
        take(interview, "cancel", reason="Ill", side="candidate")
        make_interview(room=interview.room, starts_at=start)
        found = reasons(lambda: undo(interview, override_reason="Group exercise"))
        assert found == {"room": ["This room is taken at that time."]}

    def test_a_client_that_sends_only_the_version_is_told_the_conflicts(
        self, interview: Interview, candidate: Candidate, lin: User, start: datetime
    ) -> None:
        take(interview, "cancel", reason="Ill", side="candidate")
        schedule(second_application(candidate), start)
        api, address = api_of(lin), f"interviews/{interview.pk}/undo/"
        assert refused(api.post(address, {"version": 2})).keys() == {"candidate"}
        body = {"version": 2, "override_reason": "Group exercise"}
        assert api.post(address, body).json()["status"] == "scheduled"

    def test_the_page_asks_for_the_reason_of_an_undo(
        self, interview: Interview, candidate: Candidate, lin: User, start: datetime
    ) -> None:
        take(interview, "cancel", reason="Ill", side="candidate")
        schedule(second_application(candidate), start)
        client = api_of(lin).client
        english = {"headers": {"Accept-Language": "en"}}
        page = client.get(reverse("interview", args=[interview.pk]), **english)
        form = reverse("interview_action", args=[interview.pk, "undo"])
        assert form in page.content.decode()
        assert 'name="override_reason"' not in page.content.decode()
        answer = client.post(form, {"version": 2}, **english)
        assert answer.status_code == 400
        assert BOOKED in answer.content.decode()
        assert 'name="override_reason"' in answer.content.decode()
        done = client.post(form, {"version": 2, "override_reason": "Group exercise"})
        assert done.status_code == 302
        interview.refresh_from_db()
        assert interview.status == "scheduled"


@pytest.mark.django_db
class TestAcceptAfterDecline:
    @pytest.fixture
    def declined(self, campaign: Campaign, wu: User, start: datetime) -> Interview:
        interview = schedule(make_application(campaign=campaign), start, interviewers=[wu])
        return take(interview, "decline", reason="Ill", actor=Actor(user=wu, source="page"))

    def test_an_interviewer_who_had_declined_cannot_accept_a_time_booked_since(
        self, declined: Interview, wu: User, start: datetime
    ) -> None:
        booked = schedule(make_application(), start + HOUR / 2, interviewers=[wu])
        wus = Actor(user=wu, source="page")
        found = reasons(lambda: take(declined, "accept", actor=wus))
        assert found == {
            "interviewer": [
                "吴磊 has another interview at that time.",
                "Ask the coordinator to reschedule one of the interviews.",
            ]
        }
        reschedule(booked, start + 2 * HOUR)
        take(declined, "accept", actor=wus)
        assert declined.assignments.get().response == "accepted"

    def test_conflicts_of_others_do_not_keep_an_interviewer_from_accepting(
        self, declined: Interview, wu: User, start: datetime
    ) -> None:
        schedule(
            second_application(declined.application.candidate), start, override_reason="Exercise"
        )
        take(declined, "accept", actor=Actor(user=wu, source="page"))
        assert declined.assignments.get().response == "accepted"

    def test_an_interviewer_who_had_not_answered_may_accept_a_known_conflict(
        self, campaign: Campaign, wu: User, start: datetime
    ) -> None:
        interview = schedule(make_application(campaign=campaign), start, interviewers=[wu])
        schedule(make_application(), start, interviewers=[wu], override_reason="Next door")
        take(interview, "accept", actor=Actor(user=wu, source="page"))
        assert interview.assignments.get().response == "accepted"


FOUR = 4


def at_once(calls: list[Callable[[], object]]) -> list[BaseException | None]:
    """Calls these at one moment, over connections of their own; returns what each raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> BaseException | None:
        try:
            connection.ensure_connection()
            barrier.wait()
            call()
        except (ValidationError, StaleVersion) as error:
            return error
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_four_requests_at_once_one_books_the_interviewer(
        self, campaign: Campaign, wu: User, start: datetime
    ) -> None:
        applications = [make_application(campaign=campaign) for _ in range(FOUR)]
        rooms = [make_room(campaign=campaign) for _ in range(FOUR)]

        def book(number: int) -> Callable[[], object]:
            return lambda: schedule(
                applications[number], start, room=rooms[number], interviewers=[wu]
            )

        raised = at_once([book(number) for number in range(FOUR)])
        assert raised.count(None) == 1
        assert Interview.objects.count() == 1

    def test_of_four_requests_at_once_one_books_the_candidate(
        self, candidate: Candidate, start: datetime
    ) -> None:
        applications = [second_application(candidate) for _ in range(FOUR)]
        rooms = [make_room(campaign=one.job.campaign) for one in applications]
        people = [make_interviewer() for _ in range(FOUR)]

        def book(number: int) -> Callable[[], object]:
            return lambda: schedule(
                applications[number], start, room=rooms[number], interviewers=[people[number]]
            )

        assert at_once([book(number) for number in range(FOUR)]).count(None) == 1

    def test_of_different_services_at_once_one_books_the_interviewer(
        self, campaign: Campaign, wu: User, start: datetime
    ) -> None:
        """Each would take another room and another candidate, but Wu, at the same time."""
        colleague = make_interviewer()
        taken_over, moved, chosen = (
            schedule(make_application(campaign=campaign), starts_at, interviewers=[person])
            for starts_at, person in (
                (start, colleague),
                (start + 3 * HOUR, wu),
                (start + 6 * HOUR, wu),
            )
        )
        offered = take(chosen, "offer_times", starts=[start]).offered_times.get()
        application, room = make_application(campaign=campaign), make_room(campaign=campaign)
        raised = at_once(
            [
                lambda: schedule(application, start, room=room, interviewers=[wu]),
                lambda: take(taken_over, "reassign", remove=[colleague], add=[wu]),
                lambda: reschedule(moved, start),
                lambda: take(chosen, "choose_time", time_id=offered.pk),
            ]
        )
        assert raised.count(None) == 1, raised
        assert wu.interview_assignments.filter(interview__starts_at=start).count() == 1

    def test_an_accept_after_a_decline_and_a_booking_at_once_do_not_both_succeed(
        self, campaign: Campaign, wu: User, start: datetime
    ) -> None:
        wus = Actor(user=wu, source="page")
        declined = schedule(make_application(campaign=campaign), start, interviewers=[wu])
        take(declined, "decline", reason="Ill", actor=wus)
        application, room = make_application(campaign=campaign), make_room(campaign=campaign)
        raised = at_once(
            [
                lambda: take(declined, "accept", actor=wus),
                lambda: schedule(application, start, room=room, interviewers=[wu]),
            ]
        )
        assert raised.count(None) == 1

    def test_moves_that_swap_rooms_and_people_at_once_do_not_deadlock(
        self, campaign: Campaign, wu: User, zhao: User, start: datetime
    ) -> None:
        rooms = [make_room(campaign=campaign) for _ in range(2)]
        pair = [
            make_interview(room=room, starts_at=start, interviewers=people)
            for room, people in zip(rooms, ([wu, zhao], [zhao, wu]), strict=True)
        ]

        def swap(number: int) -> Callable[[], object]:
            fields = {"reason": "Swap", "room": rooms[1 - number]}
            return lambda: reschedule(pair[number], start + (number + 2) * 3 * HOUR, **fields)

        shift = lambda: services.room_shift(  # noqa: E731
            room=rooms[0], minutes=5, from_=start, actor=NOBODY, override_reason="Late"
        )
        for error in at_once([swap(0), swap(1), shift]):
            # The later one finds a changed interview or a taken room, and is told so.
            assert error is None or isinstance(error, ValidationError | StaleVersion)

    def test_a_shift_locks_its_interviews_in_the_order_of_every_other_service(
        self, campaign: Campaign, start: datetime
    ) -> None:
        """By id, not by start: a withdrawal that locks the first one can go on to the second."""
        room = make_room(campaign=campaign)
        first = make_interview(room=room, starts_at=start + HOUR)
        second = make_interview(room=room, starts_at=start)

        def shift() -> None:
            services.room_shift(room=room, minutes=5, from_=start, actor=NOBODY)

        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic():
                Interview.objects.select_for_update().get(pk=first.pk)
                shifted = threads.submit(at_once, [shift])
                until(a_lock_is_awaited)
                Interview.objects.select_for_update(nowait=True).get(pk=second.pk)
            assert shifted.result() == [None]

    def test_locks_in_opposite_order_do_not_deadlock(self) -> None:
        def lock(*ids: int) -> Callable[[], None]:
            @transaction.atomic
            def held() -> None:
                for _ in range(20):
                    lock_schedules(rooms=ids, interviewers=ids, candidates=ids)

            return held

        assert at_once([lock(1, 2, 3), lock(3, 2, 1), lock(2, 1)] * 2) == [None] * 6
