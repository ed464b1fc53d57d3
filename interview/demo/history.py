"""Works out what has happened to each planned interview by now.

Creates the same events, responses and scorecards as the services would have, without saving them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.models import User

from interview.demo.plan import Scenario, Slot
from interview.models import Interview, InterviewAssignment, InterviewEvent, Scorecard
from interview.models.states import TRANSITIONS, Status
from interview.services.transitions import UNDO_FIELDS

SOURCE = "demo"
Response = InterviewAssignment.Response


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@dataclass(slots=True)
class InterviewHistory:
    """An unsaved interview with its assignments, events and scorecards."""

    interview: Interview
    assignments: list[InterviewAssignment]
    coordinator: User
    events: list[InterviewEvent] = field(default_factory=list)
    scorecards: list[Scorecard] = field(default_factory=list)

    def begin(self, at: datetime) -> None:
        self._record_event("create", at, self.coordinator, from_status="", before={})

    def step(
        self, action: str, at: datetime, by: User, *, reason: str = "", **changes: Any
    ) -> None:
        """Apply an action to the interview and record its event, like `services.transitions`."""
        before, from_status = self.state(), self.interview.status
        status = TRANSITIONS[action][1]
        for name, value in (changes | ({"status": status} if status else {})).items():
            setattr(self.interview, name, value)
        self.interview.version += 1
        self._record_event(action, at, by, reason=reason, from_status=from_status, before=before)

    def respond(
        self, action: str, at: datetime, assignment: InterviewAssignment, **changes: Any
    ) -> None:
        """Record the response of an interviewer: accept, decline or running-late."""
        before = self.state()
        for name, value in changes.items():
            setattr(assignment, name, value)
        reason = changes.get("decline_reason", "")
        self.step(action, at, assignment.interviewer, reason=reason)
        self.events[-1].before = before

    def state(self) -> dict[str, Any]:
        fields = {name: getattr(self.interview, name) for name in UNDO_FIELDS}
        fields["room_id"] = self.interview.room.pk
        assignments = [
            [assignment.interviewer.pk, assignment.response, assignment.late_minutes]
            for assignment in self.assignments
        ]
        plain = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        return plain | {"assignments": assignments}

    def _record_event(self, action: str, at: datetime, by: User, **fields: Any) -> None:
        self.events.append(
            InterviewEvent(
                interview=self.interview,
                action=action,
                at=at,
                by=by,
                source=SOURCE,
                to_status=self.interview.status,
                version=self.interview.version,
                **fields,
            )
        )


def build_history(history: InterviewHistory, slot: Slot, now: datetime, random: Random) -> None:
    """Add everything that has happened by now, in chronological order."""
    created = min(slot.starts_at, now) - timedelta(days=random.uniform(3, 6))
    history.begin(created)
    _responses(history, slot, created, random)
    if slot.scenario == Scenario.CANCELLED:
        at = min(now, slot.starts_at) - minutes(random.uniform(30, 300))
        reason = "候选人已接受其他公司的录用"
        history.step("cancel", at, history.coordinator, reason=reason, side="candidate")
        history.interview.reason = reason
        return
    if slot.scenario != Scenario.UNCONFIRMED:
        history.step(
            "confirm", created + timedelta(hours=random.uniform(26, 60)), history.coordinator
        )
    if slot.scenario == Scenario.DECLINED:
        reason = "线上故障，需要现场值守"
        history.respond(
            "decline",
            now - minutes(random.uniform(5, 25)),
            history.assignments[-1],
            response=Response.DECLINED,
            decline_reason=reason,
        )
        return
    if slot.scenario == Scenario.ANNOUNCED_LATE:
        history.respond("running-late", now - minutes(4), history.assignments[0], late_minutes=10)
    _day(history, slot, now, random)


def _responses(history: InterviewHistory, slot: Slot, created: datetime, random: Random) -> None:
    for assignment in history.assignments:
        is_asked_last = slot.scenario == Scenario.DECLINED and assignment is history.assignments[-1]
        if is_asked_last or (slot.scenario == Scenario.UNCONFIRMED and random.random() < 0.5):
            continue
        at = created + timedelta(hours=random.uniform(1, 20))
        history.respond("accept", at, assignment, response=Response.ACCEPTED)
    history.events.sort(key=lambda event: event.at)
    for version, event in enumerate(history.events, start=1):
        event.version = version


def _day(history: InterviewHistory, slot: Slot, now: datetime, random: Random) -> None:
    """Add check-in, start, finish and scorecards, as far as they are in the past."""
    if slot.scenario == Scenario.NO_SHOW:
        at = slot.starts_at + minutes(random.uniform(14, 22))
        history.step("no-show", at, history.coordinator, side="candidate")
        return
    arrived, started, finished = _times(slot, now, random)
    if slot.scenario == Scenario.CANDIDATE_MISSING or arrived > now:
        return
    history.step("check-in", arrived, history.coordinator, arrived_at=arrived)
    if slot.scenario == Scenario.INTERVIEWER_MISSING or started > now:
        return
    history.step("start", started, history.assignments[0].interviewer, started_at=started)
    if finished > now:
        return
    history.step("finish", finished, history.assignments[0].interviewer, finished_at=finished)
    _scorecards(history, slot, now, random)


def _times(slot: Slot, now: datetime, random: Random) -> tuple[datetime, datetime, datetime]:
    arrived = slot.starts_at - minutes(random.uniform(10, 75))
    started = slot.starts_at + minutes(random.uniform(0, 3))
    finished = slot.ends_at - minutes(random.uniform(0, 5))
    if slot.scenario == Scenario.OVERRUN:
        started = slot.starts_at + minutes(33)
        finished = now + minutes(20)
    if slot.scenario in {Scenario.IMMINENT, Scenario.ANNOUNCED_LATE}:
        arrived = now - minutes(2)
    if slot.scenario == Scenario.INTERVIEWER_MISSING:
        arrived = slot.starts_at - minutes(7)
    return arrived, started, finished


def _scorecards(history: InterviewHistory, slot: Slot, now: datetime, random: Random) -> None:
    """Add the scorecards submitted by now; the last one completes the interview."""
    finished = history.interview.finished_at
    assert finished is not None
    if slot.scenario == Scenario.FEEDBACK_OVERDUE:
        return
    for assignment in history.assignments:
        at = finished + minutes(random.uniform(6, 58))
        if at <= now:
            history.scorecards.append(
                _scorecard(history.interview, assignment.interviewer, at, random)
            )
    if len(history.scorecards) == len(history.assignments):
        last = max(history.scorecards, key=lambda card: card.submitted_at or finished)
        assert last.submitted_at is not None
        history.step("complete", last.submitted_at, last.interviewer)
        assert history.interview.status == Status.COMPLETED


STRENGTHS = (
    "思路清楚，先问边界再动手；追问复杂度时能自己修正。",
    "项目经历真实，细节经得起追问，能讲清楚取舍。",
    "沟通自然，听得进不同意见，举例具体。",
    "Explains trade-offs without being asked, and tests an idea before defending it.",
)
CONCERNS = (
    "并发与一致性的理解停留在概念，缺少动手经验。",
    "回答偏长，抓重点需要提醒。",
    "对岗位的了解不多，建议二面再看动机。",
    "",
)
RECOMMENDATIONS = ("yes", "yes", "yes", "strong_yes", "no", "strong_no")


def _scorecard(interview: Interview, interviewer: User, at: datetime, random: Random) -> Scorecard:
    return Scorecard(
        interview=interview,
        interviewer=interviewer,
        state=Scorecard.State.SUBMITTED,
        submitted_at=at,
        recommendation=random.choice(RECOMMENDATIONS),
        strengths=random.choice(STRENGTHS),
        concerns=random.choice(CONCERNS),
    )


def assignments_of(interview: Interview, interviewers: Sequence[User]) -> list[InterviewAssignment]:
    return [
        InterviewAssignment(interview=interview, interviewer=interviewer)
        for interviewer in interviewers
    ]
