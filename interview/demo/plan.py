"""Lays out an interview day: fills rooms with slots and assigns scenarios such as delays.

Has no side effects: uses neither the database nor the clock.
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
# The day is shifted if needed, so that the board has past and future interviews at any time.
MIN_BEFORE, MIN_AFTER = timedelta(hours=3), timedelta(hours=2, minutes=30)
FIRST_HALF_HOUR = timedelta(minutes=30)  # of the day: every room starts with its opening
LUNCH_AFTER, LUNCH = timedelta(hours=3), timedelta(minutes=40)
BREAKS = [timedelta(minutes=minutes) for minutes in (0, 0, 5, 5, 10)]
DURATIONS = {1: timedelta(minutes=45), 2: timedelta(minutes=60), 3: timedelta(minutes=45)}
ROUNDS = [1, 1, 1, 1, 2, 2, 3]
HR_ROUND = 3
SECOND_INTERVIEWER_SHARE = 0.15
SOON, LATER, SCORECARDS_DUE = timedelta(minutes=75), timedelta(hours=2), timedelta(minutes=85)


class Scenario(StrEnum):
    """The course that a demo interview takes."""

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


# Room number → scenario of its current interview, and the scheduled start relative to now.
ROOM_SCENARIOS = {
    0: (Scenario.OVERRUN, timedelta(minutes=-72)),
    2: (Scenario.INTERVIEWER_MISSING, timedelta(minutes=-6)),
    3: (Scenario.IMMINENT, timedelta(minutes=10)),
    4: (Scenario.ANNOUNCED_LATE, timedelta(minutes=8)),
    7: (Scenario.CANDIDATE_MISSING, timedelta(minutes=-8)),
    9: (Scenario.CANDIDATE_MISSING, timedelta(minutes=-1)),
}


@dataclass(slots=True)
class Slot:
    """A planned interview. room: its number; interviewers: usernames."""

    room: int
    starts_at: datetime
    ends_at: datetime
    round: int
    interviewers: list[str] = field(default_factory=list)
    scenario: Scenario = Scenario.ORDINARY

    def overlaps(self, other: Slot) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def opening_time(now: datetime) -> datetime:
    """Return when today's interviews begin: 9:00, shifted if now is early or late in the day.

    now: in the time zone of the campaign. The whole day stays within its date.
    """
    nine = datetime.combine(now.date(), OPENS_AT, now.tzinfo)
    start = min(nine, now - MIN_BEFORE)
    start = max(start, now + MIN_AFTER - DAY_LENGTH)
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    return round_down_to_grid(max(midnight, min(start, midnight + timedelta(days=1) - DAY_LENGTH)))


def round_down_to_grid(moment: datetime) -> datetime:
    """Return the time rounded down to a multiple of five minutes."""
    return moment - timedelta(
        minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond
    )


def plan_day(
    opening: datetime, *, interviewers: Sequence[str], hr_room: int, random: Random, now: datetime
) -> list[Slot]:
    """Fill one room per interviewer; rooms in ROOM_SCENARIOS have their scenario around now."""
    slots: list[Slot] = []
    closing = opening + DAY_LENGTH
    for room, interviewer in enumerate(interviewers):
        rounds = [HR_ROUND] if room == hr_room else ROUNDS
        fixed = _scenario_slot(room, opening, closing, now)
        if fixed is None:
            is_early = opening <= now < opening + FIRST_HALF_HOUR
            first = opening if is_early else opening + random.choice(BREAKS)
            room_slots = [*_slots_after(room, first, closing, rounds, random)]
        else:
            follows = max(fixed.ends_at, round_down_to_grid(now) + GRID)
            later = _slots_after(room, follows, closing, rounds, random)
            room_slots = [
                *_slots_before(room, fixed.starts_at, opening, rounds, random),
                fixed,
                *later,
            ]
        for slot in room_slots:
            slot.interviewers = [interviewer]
        slots += room_slots
    return slots


def _scenario_slot(room: int, opening: datetime, closing: datetime, now: datetime) -> Slot | None:
    if room not in ROOM_SCENARIOS:
        return None
    scenario, offset = ROOM_SCENARIOS[room]
    number = 2 if scenario == Scenario.OVERRUN else 1
    starts_at = round_down_to_grid(now + offset)
    slot = Slot(room, starts_at, starts_at + DURATIONS[number], number, scenario=scenario)
    return slot if opening <= slot.starts_at and slot.starts_at < closing else None


def _slots_after(
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
        start = end + random.choice(BREAKS)
        if not had_lunch and start >= lunch:
            start += LUNCH


def _slots_before(
    room: int, end: datetime, opening: datetime, rounds: Sequence[int], random: Random
) -> Iterator[Slot]:
    while True:
        number = random.choice(rounds)
        end -= random.choice(BREAKS)
        start = end - DURATIONS[number]
        if start < opening:
            return
        yield Slot(room, start, end, number)
        end = start


def add_second_interviewers(
    slots: Sequence[Slot], second_interviewers: Sequence[str], random: Random
) -> None:
    """Add a free second interviewer to second rounds and to some other ones."""
    for slot in sorted(slots, key=lambda slot: slot.starts_at):
        if slot.round != 2 and random.random() > SECOND_INTERVIEWER_SHARE:
            continue
        taken = {
            interviewer
            for other in slots
            if other.overlaps(slot)
            for interviewer in other.interviewers
        }
        free = [name for name in second_interviewers if name not in taken]
        if free:
            slot.interviewers.append(random.choice(free))


def assign_scenarios(slots: Sequence[Slot], now: datetime, random: Random) -> None:
    """Assign the scenarios that depend on the time of day: declined, no-show, overdue and so on."""
    settled = [
        s for s in slots if s.ends_at + SCORECARDS_DUE < now and s.scenario == Scenario.ORDINARY
    ]
    recent = [s for s in settled if s.ends_at + 2 * SCORECARDS_DUE > now]
    later = [s for s in slots if s.starts_at > now + LATER and s.scenario == Scenario.ORDINARY]
    soon = [s for s in slots if now + SOON < s.starts_at <= now + LATER]
    _assign(Scenario.FEEDBACK_OVERDUE, recent, 2, random)
    _assign(Scenario.NO_SHOW, settled, 3, random)
    _assign(Scenario.DECLINED, [s for s in later if len(s.interviewers) == 1] + soon, 1, random)
    _assign(Scenario.CANCELLED, later, 2, random)
    _assign(Scenario.UNCONFIRMED, later, 4, random)
    _add_double_booking(later, random)


def _assign(scenario: Scenario, slots: Iterable[Slot], wanted: int, random: Random) -> None:
    free = [slot for slot in slots if slot.scenario == Scenario.ORDINARY]
    for slot in random.sample(free, min(wanted, len(free))):
        slot.scenario = scenario


def _add_double_booking(slots: Sequence[Slot], random: Random) -> None:
    """Book one interviewer in two rooms at the same time."""
    pairs = [
        (joined.interviewers[-1], other)
        for joined in slots
        for other in slots
        if len(joined.interviewers) > 1 and joined.overlaps(other)
        if joined.scenario == other.scenario == Scenario.ORDINARY
        if _overlapping(joined.interviewers[-1], other, slots) == [joined] != [other]
    ]
    if pairs:
        name, other = random.choice(pairs)
        other.interviewers.append(name)


def _overlapping(name: str, at: Slot, slots: Sequence[Slot]) -> list[Slot]:
    return [slot for slot in slots if slot.overlaps(at) and name in slot.interviewers]
