"""What an interview day looks like before it begins: rooms filled slot by slot, and who has which
part in the small dramas that a board is there for. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum, auto
from random import Random

GRID = timedelta(minutes=5)
DAY_LENGTH = timedelta(hours=9)
OPENS_AT = time(9)
# A day that would be hardly begun or nearly over is moved so that the board shows all of it.
LEAST_BEFORE, LEAST_AFTER = timedelta(hours=3), timedelta(hours=2, minutes=30)
YOUNG = timedelta(minutes=30)  # after midnight: all rooms have just begun
LUNCH_AFTER, LUNCH = timedelta(hours=3), timedelta(minutes=40)
PAUSES = [timedelta(minutes=minutes) for minutes in (0, 0, 5, 5, 10)]
DURATIONS = {1: timedelta(minutes=45), 2: timedelta(minutes=60), 3: timedelta(minutes=45)}
ROUNDS = [1, 1, 1, 1, 2, 2, 3]
HR_ROUND = 3
JOINED_FIRST_ROUNDS = 0.15
SOON, LATER, SETTLED = timedelta(minutes=75), timedelta(hours=2), timedelta(minutes=85)


class Role(StrEnum):
    """What sets an interview apart from one that simply takes place."""

    ORDINARY = auto()
    OVERRUN = auto()
    INTERVIEWER_MISSING = auto()
    CANDIDATE_MISSING = auto()
    IMMINENT = auto()
    ANNOUNCED_LATE = auto()
    DECLINED = auto()
    UNCONFIRMED = auto()
    CANCELLED = auto()
    NO_SHOW = auto()
    FEEDBACK_OVERDUE = auto()


# Room number → role of the interview that is on there now, and when it was to begin from now.
SCENES = {
    0: (Role.OVERRUN, timedelta(minutes=-72)),
    2: (Role.INTERVIEWER_MISSING, timedelta(minutes=-6)),
    3: (Role.IMMINENT, timedelta(minutes=10)),
    4: (Role.ANNOUNCED_LATE, timedelta(minutes=8)),
    7: (Role.CANDIDATE_MISSING, timedelta(minutes=-8)),
    9: (Role.CANDIDATE_MISSING, timedelta(minutes=-1)),
}


@dataclass(slots=True)
class Slot:
    """One interview of the plan. room: its number; hosts: usernames."""

    room: int
    starts_at: datetime
    ends_at: datetime
    round: int
    hosts: list[str] = field(default_factory=list)
    role: Role = Role.ORDINARY

    def overlaps(self, other: Slot) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def opening_of(now: datetime) -> datetime:
    """When today's interviews begin: at nine, or earlier or later around an unusual present.

    now: in the zone of the campaign; all of the day stays within its date.
    """
    nine = datetime.combine(now.date(), OPENS_AT, now.tzinfo)
    start = min(nine, now - LEAST_BEFORE)
    start = max(start, now + LEAST_AFTER - DAY_LENGTH)
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    return on_grid(max(midnight, min(start, midnight + timedelta(days=1) - DAY_LENGTH)))


def on_grid(moment: datetime) -> datetime:
    """The last multiple of five minutes."""
    return moment - timedelta(
        minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond
    )


def day_of(
    opening: datetime, *, hosts: Sequence[str], hr_room: int, random: Random, now: datetime
) -> list[Slot]:
    """A full day: one room for each host. Rooms with a scene have it at the present moment."""
    slots: list[Slot] = []
    closing = opening + DAY_LENGTH
    for room, host in enumerate(hosts):
        rounds = [HR_ROUND] if room == hr_room else ROUNDS
        scene = _scene(room, opening, closing, now)
        if scene is None:
            is_young = opening <= now < opening + YOUNG
            first = opening if is_young else opening + random.choice(PAUSES)
            room_slots = [*_forwards(room, first, closing, rounds, random)]
        else:
            follows = max(scene.ends_at, on_grid(now) + GRID)
            later = _forwards(room, follows, closing, rounds, random)
            room_slots = [
                *_backwards(room, scene.starts_at, opening, rounds, random),
                scene,
                *later,
            ]
        for slot in room_slots:
            slot.hosts = [host]
        slots += room_slots
    return slots


def _scene(room: int, opening: datetime, closing: datetime, now: datetime) -> Slot | None:
    if room not in SCENES:
        return None
    role, offset = SCENES[room]
    number = 2 if role == Role.OVERRUN else 1
    starts_at = on_grid(now + offset)
    slot = Slot(room, starts_at, starts_at + DURATIONS[number], number, role=role)
    return slot if opening <= slot.starts_at and slot.starts_at < closing else None


def _forwards(
    room: int, start: datetime, closing: datetime, rounds: Sequence[int], random: Random
) -> Iterator[Slot]:
    lunch = closing - DAY_LENGTH + LUNCH_AFTER
    while True:
        number = random.choice(rounds)
        end = start + DURATIONS[number]
        if end > closing:
            return
        yield Slot(room, start, end, number)
        had_lunch = lunch <= start
        start = end + random.choice(PAUSES)
        if not had_lunch and start >= lunch:
            start += LUNCH


def _backwards(
    room: int, end: datetime, opening: datetime, rounds: Sequence[int], random: Random
) -> Iterator[Slot]:
    while True:
        number = random.choice(rounds)
        end -= random.choice(PAUSES)
        start = end - DURATIONS[number]
        if start < opening:
            return
        yield Slot(room, start, end, number)
        end = start


def join(slots: Sequence[Slot], joining: Sequence[str], random: Random) -> None:
    """Second rounds and some first ones get another interviewer, if one is free then."""
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        if slot.round != 2 and random.random() > JOINED_FIRST_ROUNDS:
            continue
        taken = {host for other in slots if other.overlaps(slot) for host in other.hosts}
        free = [name for name in joining if name not in taken]
        if free:
            slot.hosts.append(random.choice(free))


def cast_roles(slots: Sequence[Slot], now: datetime, random: Random) -> None:
    """Give out the parts: who declined, who did not come, whose scorecard is missing."""
    settled = [s for s in slots if s.ends_at + SETTLED < now and s.role == Role.ORDINARY]
    recent = [s for s in settled if s.ends_at + 2 * SETTLED > now]
    later = [s for s in slots if s.starts_at > now + LATER and s.role == Role.ORDINARY]
    soon = [s for s in slots if now + SOON < s.starts_at <= now + LATER]
    _give(Role.FEEDBACK_OVERDUE, recent, 2, random)
    _give(Role.NO_SHOW, settled, 3, random)
    _give(Role.DECLINED, [s for s in later if len(s.hosts) == 1] + soon, 1, random)
    _give(Role.CANCELLED, later, 2, random)
    _give(Role.UNCONFIRMED, later, 4, random)
    _clash(later, random)


def _give(role: Role, slots: Iterable[Slot], wanted: int, random: Random) -> None:
    free = [slot for slot in slots if slot.role == Role.ORDINARY]
    for slot in random.sample(free, min(wanted, len(free))):
        slot.role = role


def _clash(slots: Sequence[Slot], random: Random) -> None:
    """Somebody has promised to be in two rooms at once."""
    pairs = [
        (joined.hosts[-1], other)
        for joined in slots
        for other in slots
        if len(joined.hosts) > 1 and joined.overlaps(other)
        if joined.role == other.role == Role.ORDINARY
        if _promises(joined.hosts[-1], other, slots) == [joined] != [other]
    ]
    if pairs:
        name, other = random.choice(pairs)
        other.hosts.append(name)


def _promises(name: str, at: Slot, slots: Sequence[Slot]) -> list[Slot]:
    return [slot for slot in slots if slot.overlaps(at) and name in slot.hosts]
