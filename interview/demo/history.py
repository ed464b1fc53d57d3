"""What has happened by now to each interview of the plan: its steps as the services would have
written them, told at once instead of lived through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.models import User

from interview.demo.plan import Role, Slot
from interview.models import Interview, InterviewAssignment, InterviewEvent, Scorecard
from interview.models.states import TRANSITIONS, Status
from interview.services.transitions import UNDO_FIELDS

SOURCE = "demo"
Response = InterviewAssignment.Response


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@dataclass(slots=True)
class Story:
    """One interview with everything that hangs on it, none of it saved yet."""

    interview: Interview
    parts: list[InterviewAssignment]
    coordinator: User
    events: list[InterviewEvent] = field(default_factory=list)
    cards: list[Scorecard] = field(default_factory=list)

    def begin(self, at: datetime) -> None:
        self._remember("create", at, self.coordinator, from_status="", before={})

    def step(
        self, action: str, at: datetime, by: User, *, reason: str = "", **changes: Any
    ) -> None:
        """As `steps.take`: fields, status, version, and the event that remembers them."""
        before, from_status = self.state(), self.interview.status
        status = TRANSITIONS[action][1]
        for name, value in (changes | ({"status": status} if status else {})).items():
            setattr(self.interview, name, value)
        self.interview.version += 1
        self._remember(action, at, by, reason=reason, from_status=from_status, before=before)

    def answer(self, action: str, at: datetime, part: InterviewAssignment, **answer: Any) -> None:
        """An interviewer's own step: he accepts, declines, will be late."""
        before = self.state()
        for name, value in answer.items():
            setattr(part, name, value)
        reason = answer.get("decline_reason", "")
        self.step(action, at, part.interviewer, reason=reason)
        self.events[-1].before = before

    def state(self) -> dict[str, Any]:
        fields = {name: getattr(self.interview, name) for name in UNDO_FIELDS}
        fields["room_id"] = self.interview.room.pk
        parts = [[part.interviewer.pk, part.response, part.late_minutes] for part in self.parts]
        plain = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        return plain | {"assignments": parts}

    def _remember(self, action: str, at: datetime, by: User, **fields: Any) -> None:
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


def tell(story: Story, slot: Slot, now: datetime, random: Random) -> None:
    """Everything up to now, in its order."""
    created = min(slot.starts_at, now) - timedelta(days=random.uniform(3, 6))
    story.begin(created)
    _answers(story, slot, created, random)
    if slot.role == Role.CANCELLED:
        at = min(now, slot.starts_at) - minutes(random.uniform(30, 300))
        reason = "候选人已接受其他公司的录用"
        story.step("cancel", at, story.coordinator, reason=reason, side="candidate")
        story.interview.reason = reason
        return
    if slot.role != Role.UNCONFIRMED:
        story.step("confirm", created + timedelta(hours=random.uniform(26, 60)), story.coordinator)
    if slot.role == Role.DECLINED:
        reason = "线上故障，需要现场值守"
        story.answer(
            "decline",
            now - minutes(random.uniform(5, 25)),
            story.parts[-1],
            response=Response.DECLINED,
            decline_reason=reason,
        )
        return
    if slot.role == Role.ANNOUNCED_LATE:
        story.answer("running-late", now - minutes(4), story.parts[0], late_minutes=10)
    _day(story, slot, now, random)


def _answers(story: Story, slot: Slot, created: datetime, random: Random) -> None:
    for part in story.parts:
        is_asked_last = slot.role == Role.DECLINED and part is story.parts[-1]
        if is_asked_last or (slot.role == Role.UNCONFIRMED and random.random() < 0.5):
            continue
        at = created + timedelta(hours=random.uniform(1, 20))
        story.answer("accept", at, part, response=Response.ACCEPTED)
    story.events.sort(key=lambda event: event.at)
    for version, event in enumerate(story.events, start=1):
        event.version = version


def _day(story: Story, slot: Slot, now: datetime, random: Random) -> None:
    """Arrival, conversation, scorecards; as far as the present reaches."""
    if slot.role == Role.NO_SHOW:
        at = slot.starts_at + minutes(random.uniform(14, 22))
        story.step("no-show", at, story.coordinator, side="candidate")
        return
    arrived, started, finished = _moments(slot, now, random)
    if slot.role == Role.CANDIDATE_MISSING or arrived > now:
        return
    story.step("check-in", arrived, story.coordinator, arrived_at=arrived)
    if slot.role == Role.INTERVIEWER_MISSING or started > now:
        return
    story.step("start", started, story.parts[0].interviewer, started_at=started)
    if finished > now:
        return
    story.step("finish", finished, story.parts[0].interviewer, finished_at=finished)
    _scorecards(story, slot, now, random)


def _moments(slot: Slot, now: datetime, random: Random) -> tuple[datetime, datetime, datetime]:
    arrived = slot.starts_at - minutes(random.uniform(10, 75))
    started = slot.starts_at + minutes(random.uniform(0, 3))
    finished = slot.ends_at - minutes(random.uniform(0, 5))
    if slot.role == Role.OVERRUN:
        started = slot.starts_at + minutes(33)
        finished = now + minutes(20)
    if slot.role in {Role.IMMINENT, Role.ANNOUNCED_LATE}:
        arrived = now - minutes(2)
    if slot.role == Role.INTERVIEWER_MISSING:
        arrived = slot.starts_at - minutes(7)
    return arrived, started, finished


def _scorecards(story: Story, slot: Slot, now: datetime, random: Random) -> None:
    """What they thought of it; the last scorecard completes the interview."""
    finished = story.interview.finished_at
    assert finished is not None
    if slot.role == Role.FEEDBACK_OVERDUE:
        return
    for part in story.parts:
        at = finished + minutes(random.uniform(6, 58))
        if at <= now:
            story.cards.append(_scorecard(story.interview, part.interviewer, at, random))
    if len(story.cards) == len(story.parts):
        last = max(story.cards, key=lambda card: card.submitted_at or finished)
        assert last.submitted_at is not None
        story.step("complete", last.submitted_at, last.interviewer)
        assert story.interview.status == Status.COMPLETED


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


def parts_of(interview: Interview, hosts: Sequence[User]) -> list[InterviewAssignment]:
    return [InterviewAssignment(interview=interview, interviewer=host) for host in hosts]
