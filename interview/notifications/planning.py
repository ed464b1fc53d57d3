"""Which messages leave the house because of a change: written with it, in its transaction.

A constant number of queries, however many people there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q

from interview.models import Delivery, Interview, NoticeSettings
from interview.notifications import outbox, wakeup
from interview.notifications.policy import (
    MANNERS,
    PLANS,
    UNTRUE_ONCE_CHANGED,
    By,
    Event,
    Manner,
    Priority,
    is_mailed,
)
from interview.notifications.quiet_hours import quiet_end
from interview.notifications.robot_groups import Groups

Channel = Delivery.Channel
DAY_OF_WITHIN = timedelta(hours=12)  # a change of what begins so soon wakes people


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event on its way to its recipients.

    occasion    tells apart what is told several times of one version: "24h" of a reminder
    due_at      not sent earlier
    expires_at  worthless from then on; the event's own rule when None
    priority    the event's own when None
    more        further facts; nothing personal
    """

    event: Event
    interview: Interview | None
    now: datetime
    occasion: str = ""
    due_at: datetime | None = None
    expires_at: datetime | None = None
    priority: Priority | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def manner(self) -> Manner:
        return MANNERS[self.event]

    @property
    def version(self) -> int:
        return self.interview.version if self.interview else 0

    def key(self, recipient: str, channel: str) -> str:
        """The same for the same event of the same version, to the same recipient."""
        number = self.interview.pk if self.interview else "-"
        return f"{self.event}:{number}:{self.occasion or self.version}:{recipient}:{channel}"

    def facts(self) -> dict[str, Any]:
        """What is so now: ids and times, and the room's name; nothing personal."""
        interview = self.interview
        if interview is None:
            return {"occasion": self.occasion, **self.more}
        return {
            "starts_at": interview.starts_at.isoformat(),
            "ends_at": interview.ends_at.isoformat(),
            "room_id": interview.room_id,
            "room": interview.room.name,
            "version": interview.version,
            "occasion": self.occasion,
            **self.more,
        }

    def urgency(self) -> Priority:
        """A change of plan is an alarm when it concerns what was, or is now, about to begin."""
        if self.priority is not None or self.event not in PLANS or self.interview is None:
            return self.manner.priority if self.priority is None else self.priority
        starts = [self.interview.starts_at]
        if self.interview.loaded_placement:
            starts.append(self.interview.loaded_placement[1])
        is_soon = any(self.now <= start < self.now + DAY_OF_WITHIN for start in starts)
        return Priority.DAY_OF if is_soon else self.manner.priority


@dataclass(frozen=True, slots=True)
class Telling:
    """One event and whom it concerns.

    people            user ids
    and_candidate     the candidate is told as well, by e-mail
    in_app            False: no notice within the product
    leaves_the_house  False: nothing else
    """

    told: Told
    people: Collection[int]
    _: KW_ONLY
    and_candidate: bool = False
    in_app: bool = True
    leaves_the_house: bool = True


def plan(told: Told, people: Collection[int], *, and_candidate: bool) -> None:
    """Write the messages of an event, and withdraw those it makes untrue.

    people: user ids. and_candidate: whether the candidate is told as well. The same call twice
    writes nothing twice.
    """
    messages = _messages([Telling(told, people, and_candidate=and_candidate)])
    if told.interview is not None and told.event in PLANS:
        _make_way(told, messages, people, and_candidate=and_candidate)
    _write(messages)


def plan_together(tellings: Sequence[Telling]) -> None:
    """Write the messages of many events that make none before them untrue; those that have been
    written already stay as they are. The number of queries does not grow with theirs.
    """
    messages = {message.idempotency_key: message for message in _messages(tellings)}
    known = Delivery.objects.filter(idempotency_key__in=list(messages))
    written = set(known.values_list("idempotency_key", flat=True))
    _write([message for key, message in messages.items() if key not in written])


def _messages(tellings: Sequence[Telling]) -> list[Delivery]:
    able = _able({user_id for telling in tellings for user_id in telling.people})
    groups = Groups.of([(one.told.event, one.told.interview) for one in tellings])
    messages: list[Delivery] = []
    for telling in tellings:
        told = telling.told
        people = [able[user_id] for user_id in sorted(set(telling.people)) if user_id in able]
        messages += [*_to_people(told, people), *_to_robots(told, groups)]
        if telling.and_candidate:
            messages += _to_candidate(told)
    return messages


def _write(messages: Sequence[Delivery]) -> None:
    if messages:
        Delivery.objects.bulk_create(messages, ignore_conflicts=True)
        wakeup.wake({message.channel for message in messages})


def _message(told: Told, recipient: str, channel: str, **fields: Any) -> Delivery:
    return Delivery(
        channel=channel,
        event=told.event,
        interview=told.interview,
        facts=told.facts(),
        priority=told.urgency(),
        idempotency_key=told.key(recipient, channel),
        expires_at=told.expires_at or told.manner.expires_at(told.interview, told.now),
        **({"due_at": told.due_at or told.now} | fields),
    )


def _able(people: Collection[int]) -> dict[int, User]:
    """Of these, who can be written to, by id."""
    if not people:
        return {}
    able = User.objects.filter(pk__in=people, is_active=True).exclude(email="")
    return {user.pk: user for user in able.select_related("notice_settings")}


def _to_people(told: Told, people: Iterable[User]) -> Iterable[Delivery]:
    for user in people:
        chosen: NoticeSettings | None = getattr(user, "notice_settings", None)
        if is_mailed(told.event, chosen):
            due_at = _when(told, chosen)
            yield _message(told, f"u{user.pk}", Channel.EMAIL, person=user, due_at=due_at)


def _when(told: Told, chosen: NoticeSettings | None) -> datetime:
    """After this person's quiet hours, unless it is an alarm of the day."""
    due_at = told.due_at or told.now
    if chosen is None or chosen.quiet_from is None or chosen.quiet_until is None:
        return due_at
    if told.urgency() == Priority.DAY_OF:
        return due_at
    campaign = told.interview.campaign.time_zone if told.interview else settings.TIME_ZONE
    return quiet_end(
        due_at, begins=chosen.quiet_from, ends=chosen.quiet_until, zone=chosen.zone(campaign)
    )


def _to_candidate(told: Told) -> list[Delivery]:
    if told.interview is None:
        return []
    candidate = told.interview.application.candidate
    if not candidate.email:
        return []
    return [_message(told, told.interview.attendee_id, Channel.EMAIL, candidate=candidate)]


def _to_robots(told: Told, groups: Groups) -> list[Delivery]:
    robots = groups.told_of(told.event, told.interview)
    return [_message(told, f"r{one.pk}", Channel.DINGTALK, robot=one) for one in robots]


def _make_way(
    told: Told, messages: list[Delivery], people: Collection[int], *, and_candidate: bool
) -> None:
    """Withdraw what waits and is no longer so.

    Who has not even heard of the interview is told as if it were new, or, when nothing remains to
    be told, not at all.
    """
    untrue = _waiting_untrue(told, people, and_candidate=and_candidate).exclude(
        idempotency_key__in=[message.idempotency_key for message in messages]
    )
    waiting = list(untrue.select_for_update())
    outbox.withdraw(Delivery.objects.filter(pk__in=[one.pk for one in waiting]))
    never_left = {
        _recipient(one) for one in waiting if one.event == Event.ASSIGNED and not one.attempts
    }
    for message in messages:
        if _recipient(message) not in never_left:
            continue
        if message.event == Event.MOVED:
            message.event = Event.ASSIGNED
        elif message.event in {Event.CANCELLED, Event.UNASSIGNED}:
            message.state = Delivery.State.WITHDRAWN


def _waiting_untrue(told: Told, people: Collection[int], *, and_candidate: bool) -> Any:
    mine = Q(person__in=people)
    if and_candidate:
        mine |= Q(candidate__isnull=False)
    if By.ROBOT in told.manner.by:
        mine |= Q(robot__isnull=False)
    untrue = Q(mine, event__in=PLANS)
    if told.event in {Event.MOVED, Event.CANCELLED}:
        untrue |= Q(event__in=UNTRUE_ONCE_CHANGED)
    elif told.event == Event.UNASSIGNED:
        untrue |= Q(event__in=UNTRUE_ONCE_CHANGED, person__in=people)
    return Delivery.objects.filter(untrue, interview=told.interview, state__in=outbox.WAITING)


def _recipient(message: Delivery) -> tuple[int | None, int | None, int | None, str]:
    return message.person_id, message.candidate_id, message.robot_id, message.channel
