"""Delay forecast: expected starts of a day's interviews, delays of rooms, and double bookings.

A room's delay carries over from one interview to the next. An interviewer's delay counts only for
the interview that they are in now, so a change affects only its room and its interviewers (see
`affected_interviews`). Live lists, pages and metrics call it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q

from interview.models import Interview, InterviewAssignment
from interview.models.states import ACTIVE, WAITING, Status

MIN_SHOWN_DELAY = timedelta(minutes=1)
"""Shorter delays are not shown."""
LATE_ROOM_MINUTES = 5
"""From this delay on a room counts as late on the board and the wall."""
DECLINED = InterviewAssignment.Response.DECLINED
FIELDS = (
    *("campaign", "room", "starts_at", "ends_at", "started_at", "status"),
    "application__candidate",
)
ASSIGNMENTS = Prefetch(
    "assignments",
    InterviewAssignment.objects.only("interview", "interviewer", "response", "late_minutes"),
    to_attr="loaded_assignments",
)
SAME_DAY_WINDOW = timedelta(hours=16)
"""The starts of two interviews on one local day are never further apart."""


@dataclass(slots=True)
class DelayForecast:
    """The forecast at `now`.

    expected_starts: interview id → expected start, only for interviews that start late.
    clashing: ids of interviews whose candidate or interviewer has another one at the same time.
    room_delays: room id → longest delay of an interview in it today.
    """

    now: datetime
    expected_starts: dict[int, datetime] = field(default_factory=dict)
    clashing: set[int] = field(default_factory=set)
    room_delays: dict[int, timedelta] = field(default_factory=dict)

    @classmethod
    def load(
        cls, interviews: Iterable[Interview], rooms: Iterable[int] = (), *, now: datetime
    ) -> Self:
        """The forecast for these interviews and rooms.

        Loads the other interviews of the same rooms, interviewers and days with two queries. The
        given interviews must have their campaigns and assignments loaded (`for_rows()`).
        """
        given = {interview.pk: interview for interview in interviews}
        people = {a.interviewer_id for i in given.values() for a in i.assignment_list()}
        moments = [i.starts_at for i in given.values()] + [now]
        shared = InterviewAssignment.objects.filter(interviewer__in=people).values("interview")
        candidates = {i.application.candidate_id for i in given.values()}
        nearby = Interview.objects.filter(
            Q(room__in={i.room_id for i in given.values()}.union(rooms))
            | Q(pk__in=shared)
            | Q(application__candidate__in=candidates),
            starts_at__gte=min(moments) - SAME_DAY_WINDOW,
            starts_at__lte=max(moments) + SAME_DAY_WINDOW,
            status__in=ACTIVE,
        )
        others = (
            nearby.exclude(pk__in=given)
            .select_related("application")
            .only(*FIELDS)
            .prefetch_related("campaign", ASSIGNMENTS)
        )
        return cls.compute([*given.values(), *others], now=now)

    @classmethod
    def compute(cls, interviews: Iterable[Interview], *, now: datetime) -> Self:
        """The forecast for these interviews, which must include all that share rooms or people."""
        forecast = cls(now)
        active = [i for i in interviews if i.status in ACTIVE]
        active.sort(key=lambda i: (i.starts_at, i.pk))
        forecast._find_clashes(active)
        today = [i for i in active if local_day(i) == local_day_of(now, i)]
        busy_until = forecast._busy_until(today)
        by_room: dict[int, list[Interview]] = defaultdict(list)
        for interview in today:
            by_room[interview.room_id].append(interview)
        for room_id, queue in by_room.items():
            forecast._forecast_room(room_id, queue, busy_until)
        return forecast

    def _busy_until(self, active: list[Interview]) -> dict[int, datetime]:
        """The expected end of the running interview of each interviewer, by user id."""
        until: dict[int, datetime] = {}
        for interview in active:
            if interview.status == Status.IN_PROGRESS:
                for assignment in active_assignments(interview):
                    latest = until.get(assignment.interviewer_id, self.now)
                    until[assignment.interviewer_id] = max(latest, self.expected_end(interview))
        return until

    def expected_end(self, running: Interview) -> datetime:
        """The actual start plus the planned duration, but not before now."""
        started = running.started_at or running.starts_at
        return max(started + (running.ends_at - running.starts_at), self.now)

    def _forecast_room(
        self, room_id: int, queue: list[Interview], busy_until: dict[int, datetime]
    ) -> None:
        """Carry the delay of one room through its interviews of today, in order of start."""
        free_at: datetime | None = None
        for interview in queue:
            if interview.status == Status.IN_PROGRESS:
                free_at = self.expected_end(interview)
                self._record_room_delay(room_id, free_at - interview.ends_at)
                continue
            start = self._start_in_room(interview, free_at)
            free_at = start + (interview.ends_at - interview.starts_at)
            self._record_room_delay(room_id, start - interview.starts_at)
            people = [a.interviewer_id for a in active_assignments(interview)]
            free = [busy_until[user_id] for user_id in people if user_id in busy_until]
            self._record_expected_start(interview, max([start, *free]))

    def _start_in_room(self, interview: Interview, free_at: datetime | None) -> datetime:
        announced = max([a.late_minutes for a in active_assignments(interview)], default=0)
        start = interview.starts_at + timedelta(minutes=announced)
        return max(start, self.now, free_at) if free_at else max(start, self.now)

    def _record_expected_start(self, interview: Interview, start: datetime) -> None:
        if start - interview.starts_at >= MIN_SHOWN_DELAY:
            self.expected_starts[interview.pk] = start.replace(second=0, microsecond=0)

    def _record_room_delay(self, room_id: int, delay: timedelta) -> None:
        self.room_delays[room_id] = max(self.room_delays.get(room_id, timedelta()), delay)

    def _find_clashes(self, active: list[Interview]) -> None:
        """Collect interviews that need the same interviewer or candidate at the same time."""
        by_person: dict[tuple[str, int], list[Interview]] = defaultdict(list)
        for interview in active:
            for assignment in active_assignments(interview):
                by_person["interviewer", assignment.interviewer_id].append(interview)
            by_person["candidate", interview.application.candidate_id].append(interview)
        for booked in by_person.values():
            for number, first in enumerate(booked):
                for second in booked[number + 1 :]:
                    if second.starts_at >= first.ends_at:
                        break
                    self.clashing |= {first.pk, second.pk}

    def delay_minutes(self, room_id: int) -> int:
        return int(self.room_delays.get(room_id, timedelta()).total_seconds() // 60)


def active_assignments(interview: Interview) -> list[InterviewAssignment]:
    """The assignments that were not declined."""
    return [a for a in interview.assignment_list() if a.response != DECLINED]


def local_day(interview: Interview) -> str:
    """The interview's day in the campaign's time zone, as an ISO date."""
    return local_day_of(interview.starts_at, interview)


def local_day_of(moment: datetime, interview: Interview) -> str:
    """The day of a moment in the time zone of the interview's campaign, as an ISO date."""
    return moment.astimezone(ZoneInfo(interview.campaign.time_zone)).date().isoformat()


def affected_interviews(
    interviews: Iterable[Interview], extra_interviewers: Iterable[int] = ()
) -> set[int]:
    """Ids of waiting interviews whose expected start or clash depends on these. Takes one query.

    Includes those near the previous room and time of a rescheduled interview, and those of
    `extra_interviewers`, who may have been removed.
    """
    changed = list(interviews)
    places = [(i.room_id, i.starts_at) for i in changed]
    places += [i.loaded_placement for i in changed if i.loaded_placement]
    if not places:
        return set()
    ids = [i.pk for i in changed]
    people = InterviewAssignment.objects.filter(interview__in=ids)
    candidates = Interview.objects.filter(pk__in=ids).values("application__candidate")
    nearby = Interview.objects.filter(
        Q(room__in={room for room, _ in places})
        | Q(application__candidate__in=candidates)
        | Q(assignments__interviewer__in=people.values("interviewer"))
        | Q(assignments__interviewer__in=list(extra_interviewers)),
        starts_at__gte=min(start for _, start in places) - SAME_DAY_WINDOW,
        starts_at__lte=max(start for _, start in places) + SAME_DAY_WINDOW,
        status__in=WAITING,
    )
    return set(nearby.values_list("pk", flat=True))
