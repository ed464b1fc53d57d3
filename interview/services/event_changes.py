"""Changed values of the events of an interview's history, before and after each event.

Events store ids and times only; names are read when somebody reads the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from interview.models import Interview, InterviewEvent, Room
from interview.services.transitions import undo_state_of
from realtime.display_names import display_name

State = Mapping[str, Any]
RENAMED_STATUS = frozenset({"undo", "reschedule", "shift"})
"""Actions whose label does not say the new status."""


@dataclass(frozen=True, slots=True)
class Change:
    """One changed value.

    field          starts_at, ends_at, room, interviewers, late_minutes or status
    before, after  its values: ISO date-times, names, numbers or a status; empty if there was none
    """

    field: str
    before: list[str]
    after: list[str]


def changes_of(interview: Interview, events: Sequence[InterviewEvent]) -> dict[int, list[Change]]:
    """Return the changes of these events, all of the interview's and oldest first, by event id.

    Two queries for the names, however many events there are.
    """
    pairs = _states_around(interview, events)
    states = [state for pair in pairs.values() for state in pair]
    names = _Names.of(states)
    return {
        event.pk: _changes(event, *pairs[event.pk], names) if event.pk in pairs else []
        for event in events
    }


def _states_around(
    interview: Interview, events: Sequence[InterviewEvent]
) -> dict[int, tuple[State, State]]:
    """The states before and after each event that has stored one, by event id."""
    after: State = undo_state_of(interview)
    pairs = {}
    for event in reversed(events):
        if event.before:
            pairs[event.pk] = (event.before, after)
            after = event.before
    return pairs


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of people and rooms by id."""

    people: Mapping[int, str]
    rooms: Mapping[int, str]

    @classmethod
    def of(cls, states: Iterable[State]) -> _Names:
        found = list(states)
        users = {user_id for state in found for user_id in _people(state)}
        rooms = {state["room_id"] for state in found if "room_id" in state}
        return cls(
            {user.pk: display_name(user) for user in User.objects.filter(pk__in=users)},
            dict(Room.objects.filter(pk__in=rooms).values_list("pk", "name")),
        )

    def of_rooms(self, state: State) -> list[str]:
        room = self.rooms.get(state.get("room_id", 0))
        return [room] if room else []

    def of_people(self, ids: Iterable[int]) -> list[str]:
        return sorted(self.people[user_id] for user_id in ids if user_id in self.people)


def _changes(event: InterviewEvent, before: State, after: State, names: _Names) -> list[Change]:
    if event.action in RENAMED_STATUS and event.from_status != event.to_status:
        status = [Change("status", [event.from_status], [event.to_status])]
    else:
        status = []
    times = [
        Change(field, [before[field]], [after[field]])
        for field in ("starts_at", "ends_at")
        if field in before and _moment(before[field]) != _moment(after[field])
    ]
    rooms = [names.of_rooms(state) for state in (before, after)]
    delays = [_late_minutes(state) for state in (before, after)]
    leaving, joining = _people(before) - _people(after), _people(after) - _people(before)
    rest = [
        Change("room", *rooms),
        Change("interviewers", names.of_people(leaving), names.of_people(joining)),
        Change("late_minutes", *([str(one)] if one else [] for one in delays)),
    ]
    return [*status, *times, *(one for one in rest if one.before != one.after)]


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _people(state: State) -> set[int]:
    return {user_id for user_id, _response, _late in state.get("assignments", [])}


def _late_minutes(state: State) -> int:
    """The longest announced delay."""
    return max((late for *_rest, late in state.get("assignments", [])), default=0)
