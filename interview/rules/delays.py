"""Delay forecast: expected starts of a day's interviews, delays of rooms, and double bookings.

A room, each interviewer and the candidate pass their delay on to their next interview of the day,
and so on. `affected_interviews` names the interviews that a change may delay. Live lists, pages,
reminders and metrics call it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Self

from django.db.models import Q, QuerySet

from interview.models import AnyInterview, Interview, InterviewAssignment
from interview.models.states import ACTIVE, WAITING
from interview.models.time_zones import local_day
from interview.rules import days
from interview.rules.planned_interviews import (
    FINISHED,
    REMEMBERED,
    TODAY_WINDOW,
    Planned,
    Resource,
    is_near,
    load_planned,
    planned_near,
    planned_of,
)

MIN_SHOWN_DELAY = timedelta(minutes=1)
"""Shorter delays are not shown."""
NO_DELAY = timedelta()
LATE_ROOM_MINUTES = 5
"""From this delay on a room counts as late on the board and the wall."""
CLASH_WINDOW = timedelta(hours=13)
"""The starts of two interviews that overlap are never further apart: interviews take 12 hours."""
MANY = 200
"""From this number on, a condition costs less than a list of ids."""


@dataclass(slots=True)
class DelayForecast:
    """The forecast at `now`.

    expected_starts: interview id → expected start, only for interviews that start late.
    clashing: ids of interviews whose candidate or interviewer has another one at the same time.
    room_delays: room id → longest delay of an interview in it today.
    held_until: interview id → until when its room or people are, or were last, elsewhere, or until
        when its interviewers have announced to be late; only where that is after the planned start.
    """

    now: datetime
    expected_starts: dict[int, datetime] = field(default_factory=dict)
    clashing: set[int] = field(default_factory=set)
    room_delays: dict[int, timedelta] = field(default_factory=dict)
    held_until: dict[int, datetime] = field(default_factory=dict)
    _today: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _held: dict[Resource, list[tuple[datetime | None, datetime]]] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        interviews: Iterable[AnyInterview],
        *,
        now: datetime,
        read_from: QuerySet[Interview] | None = None,
    ) -> Self:
        """The forecast for these interviews and for all rooms.

        Loads everything else that takes place today, and interviews that may clash with these, with
        one query, or two if some of these are far from now. Takes none to read the given
        interviews, if they are records or come from `for_rows()`.

        read_from: where these interviews come from. If they are many, PostgreSQL leaves them out by
        the same condition, which costs less than by thousands of ids.
        """
        own = [planned_of(one) for one in interviews]
        counted = [one for one in own if one.status in ACTIVE or _is_fresh(one, now)]
        known = {one.pk for one in own}
        if read_from is not None and len(known) > MANY:
            others = _others_than(read_from, counted, now)
        else:
            others = [*planned_near(now), *_far_clashes(counted, now)]
        unknown = {one.pk: one for one in others if one.pk not in known}
        return cls.compute([*counted, *unknown.values()], now=now)

    @classmethod
    def compute(cls, planned: Iterable[Planned], *, now: datetime) -> Self:
        """The forecast for these interviews, which must include all that share rooms or people."""
        forecast = cls(now)
        queue = sorted(planned, key=attrgetter("order"))
        forecast._find_clashes([one for one in queue if one.is_waiting or one.is_running])
        today = [one for one in queue if forecast.is_today(one)]
        for one in today:
            if one.is_running:
                forecast._hold_running(one)
            elif not one.is_waiting:
                forecast._hold_finished(one)
        for one in today:
            if one.is_waiting:
                forecast._forecast_start(one)
        return forecast

    def is_today(self, one: Planned) -> bool:
        """True on the campaign's current local day."""
        if one.time_zone not in self._today:
            day = local_day(self.now, one.time_zone)
            self._today[one.time_zone] = days.bounds(day, one.time_zone)
        start, end = self._today[one.time_zone]
        return start <= one.starts_at < end

    def _hold_running(self, running: Planned) -> None:
        """A running interview holds its room and people until its expected end."""
        end = max((running.started_at or running.starts_at) + running.length, self.now)
        self._record_room_delay(running.room, end - running.ends_at)
        for resource in running.resources:
            self._held.setdefault(resource, []).append((None, end))

    def _hold_finished(self, finished: Planned) -> None:
        """The people of an interview that has just finished were in it until then."""
        end = min(finished.finished_at or self.now, self.now)
        for resource in finished.resources:
            self._held.setdefault(resource, []).append((None, end))

    def _forecast_start(self, waiting: Planned) -> None:
        """A waiting interview starts when its time has come and its room and people are free.

        An earlier one that overlaps it by plan does not hold it: a coordinator has confirmed that
        both take place. Only while it runs are its people known to be there.
        """
        planned = held = waiting.starts_at
        if waiting.late_minutes:
            held += timedelta(minutes=waiting.late_minutes)
        holders = [self._held.setdefault(resource, []) for resource in waiting.resources]
        for holding in holders:
            for planned_end, end in holding:
                if end > held and (planned_end is None or planned_end <= planned):
                    held = end
        if held > planned:
            self.held_until[waiting.pk] = held
        start = max(held, self.now)
        delay = start - planned
        own = (waiting.ends_at, waiting.ends_at + delay)
        for holding in holders:
            holding.append(own)
        self._record_room_delay(waiting.room, delay)
        if delay >= MIN_SHOWN_DELAY:
            self.expected_starts[waiting.pk] = start.replace(second=0, microsecond=0)

    def _record_room_delay(self, room_id: int, delay: timedelta) -> None:
        if delay > self.room_delays.get(room_id, NO_DELAY):
            self.room_delays[room_id] = delay

    def _find_clashes(self, queue: list[Planned]) -> None:
        """Collect interviews that need the same interviewer or candidate at the same time."""
        by_person: defaultdict[Resource, list[Planned]] = defaultdict(list)
        for one in queue:
            for resource in one.resources[1:]:  # the database keeps rooms from clashing
                by_person[resource].append(one)
        for booked in by_person.values():
            for number, first in enumerate(booked):
                for second in booked[number + 1 :]:
                    if second.starts_at >= first.ends_at:
                        break
                    self.clashing |= {first.pk, second.pk}

    def delay_minutes(self, room_id: int) -> int:
        return int(self.room_delays.get(room_id, NO_DELAY).total_seconds() // 60)


def _is_fresh(one: Planned, now: datetime) -> bool:
    """True if the interview ended so lately that it matters; the same rule as in `load_planned`."""
    finished = one.finished_at
    return one.status in FINISHED and finished is not None and finished > now - REMEMBERED


def _others_than(
    given: QuerySet[Interview], counted: list[Planned], now: datetime
) -> list[Planned]:
    """The other interviews of today, and those that may clash with the given ones.

    PostgreSQL leaves out and finds by the condition of the given ones. counted: those that matter.
    """
    shared = _may_clash(counted, given.order_by().values("application__candidate"))
    return load_planned(
        is_near(now) | shared,
        finished_since=now - REMEMBERED,
        exclude=given.order_by().values("pk"),
    )


def _far_clashes(counted: list[Planned], now: datetime) -> list[Planned]:
    """Interviews that may clash with those that are too far from now for `planned_near`.

    Takes one query if there are any.
    """
    margin = TODAY_WINDOW - CLASH_WINDOW
    far = [one for one in counted if abs(one.starts_at - now) >= margin]
    if not far:
        return []
    candidates = {one.candidate for one in far}
    return load_planned(_may_clash(far, candidates), finished_since=now - REMEMBERED)


def _may_clash(given: Sequence[Planned], candidates: Any) -> Q:
    """Interviews of the same people near the times of these. candidates: theirs, or a subquery."""
    if not given:
        return Q(pk__in=[])
    starts = [one.starts_at for one in given]
    people = {person for one in given for person in one.interviewers}
    shared = InterviewAssignment.objects.filter(interviewer__in=people).values("interview")
    return Q(
        Q(pk__in=shared) | Q(application__candidate__in=candidates),
        starts_at__gt=min(starts) - CLASH_WINDOW,
        starts_at__lt=max(starts) + CLASH_WINDOW,
    )


def affected_interviews(
    changed: Iterable[Interview],
    former_interviewers: Iterable[int] = (),
    *,
    announced: int = 0,
    now: datetime,
) -> set[int]:
    """Ids of the interviews whose expected start or clash may depend on these changes.

    former_interviewers: people who may have been removed. announced: the longest delay in minutes
    that one of the interviewers had announced before. Takes at most five queries, and none without
    changes.
    """
    people, interviews = set(former_interviewers), list(changed)
    return _clash_partners(interviews, people) | _delayed_by(interviews, people, announced, now)


def may_affect_others(changed: Interview) -> bool:
    """False if only the status has changed, and room and people are needed for as long as before.

    Neither rooms nor other interviews depend on whether a waiting interview is confirmed or its
    candidate has arrived, nor on the scorecards of a finished one.
    """
    former = changed.recorded
    if former is None or former.status == changed.status:
        return True
    alike = any({former.status, changed.status} <= group for group in (WAITING, FINISHED))
    return not alike or any(
        getattr(changed, name) != value
        for name, value in former._asdict().items()
        if name != "status"
    )


def _clash_partners(changed: list[Interview], people: set[int]) -> set[int]:
    """Ids of waiting interviews of the same people near the times before and after the change."""
    starts = [time for interview in changed for time in _starts_of(interview)]
    if not starts:
        return set()
    ids = [interview.pk for interview in changed]
    present = InterviewAssignment.objects.filter(interview__in=ids).values("interviewer")
    candidates = Interview.objects.filter(pk__in=ids).values("application__candidate")
    nearby = Interview.objects.filter(
        Q(assignments__interviewer__in=present)
        | Q(assignments__interviewer__in=people)
        | Q(application__candidate__in=candidates),
        starts_at__gt=min(starts) - CLASH_WINDOW,
        starts_at__lt=max(starts) + CLASH_WINDOW,
        status__in=WAITING,
    )
    return set(nearby.values_list("pk", flat=True))


def _starts_of(interview: Interview) -> list[datetime]:
    """The start, and the start before the change."""
    former = [interview.recorded.starts_at] if interview.recorded else []
    return [interview.starts_at, *former]


def _delayed_by(
    changed: list[Interview], people: set[int], announced: int, now: datetime
) -> set[int]:
    """Ids of waiting interviews of today that these delay, or delayed before the change.

    Computes one forecast with the interviews as they are and as they were. Additional interviews
    only delay the others more, so it finds all that are delayed either before or after.
    """
    near = {i.pk: i for i in changed if any(abs(t - now) < TODAY_WINDOW for t in _starts_of(i))}
    if not near:
        return set()
    planned = planned_near(now)
    former = _former_versions(near, people, announced)
    forecast = DelayForecast.compute([*planned, *former], now=now)
    roots = [*former, *(one for one in planned if one.pk in near)]
    delayed = [one for one in planned if one.pk in forecast.expected_starts]
    return _reachable(roots, delayed)


def _former_versions(
    interviews: Mapping[int, Interview], people: set[int], announced: int
) -> list[Planned]:
    """These interviews as they were recorded last, with the negative of their ids."""
    assigned: defaultdict[int, set[int]] = defaultdict(set)
    assignments = InterviewAssignment.objects.filter(interview__in=list(interviews))
    late = announced
    for pk, person, minutes in assignments.values_list("interview", "interviewer", "late_minutes"):
        assigned[pk].add(person)
        late = max(late, minutes)
    rows = Interview.objects.filter(pk__in=list(interviews))
    return [
        Planned(
            pk=-pk,
            room=recorded.room_id,
            candidate=candidate,
            interviewers=tuple(assigned[pk] | people),
            starts_at=recorded.starts_at,
            ends_at=recorded.ends_at,
            time_zone=zone,
            started_at=recorded.started_at,
            status=recorded.status,
            late_minutes=late,
        )
        for pk, candidate, zone in rows.values_list(
            "pk", "application__candidate", "campaign__time_zone"
        )
        if (recorded := interviews[pk].recorded) and recorded.status in ACTIVE
    ]


def _reachable(roots: Iterable[Planned], delayed: Iterable[Planned]) -> set[int]:
    """Ids of the delayed interviews that share a room or person with a root, or with one found."""
    reached = {resource for root in roots for resource in root.resources}
    found: set[int] = set()
    left = list(delayed)
    while touched := [one for one in left if reached.intersection(one.resources)]:
        found |= {one.pk for one in touched}
        reached.update(resource for one in touched for resource in one.resources)
        left = [one for one in left if one.pk not in found]
    return found


def changed_by_time(
    since: datetime, now: datetime, *, missing_after: timedelta
) -> tuple[set[int], set[int]]:
    """Changes of the forecast that the clock alone made from `since` to `now`. Takes two queries.

    Returns the ids of waiting interviews whose expected start differs, or whose interviewers are
    missing from now on, and of rooms whose delay differs.
    """
    near = Q(starts_at__gt=since - TODAY_WINDOW, starts_at__lt=now + TODAY_WINDOW)
    planned = load_planned(near, finished_since=since - REMEMBERED)
    then, today = (DelayForecast.compute(planned, now=moment) for moment in (since, now))

    def shown(forecast: DelayForecast, one: Planned) -> tuple[datetime | None, bool]:
        due = max(one.starts_at, forecast.held_until.get(one.pk, one.starts_at))
        return forecast.expected_starts.get(one.pk), forecast.now > due + missing_after

    ids = {one.pk for one in planned if one.is_waiting and shown(then, one) != shown(today, one)}
    rooms = {one.room for one in planned}
    return ids, {room for room in rooms if then.delay_minutes(room) != today.delay_minutes(room)}
