"""How lateness spreads over a day: when each interview will really begin, and who is booked twice.

A room passes its delay on from one interview to the next. An interviewer passes on only the
interview he sits in now, so that a change concerns no more than its room and its interviewers (see
`affected_interviews`).
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
from interview.models.states import WAITING, Status

WORTH_SHOWING = timedelta(minutes=1)
DECLINED = InterviewAssignment.Response.DECLINED
FIELDS = ("campaign", "room", "starts_at", "ends_at", "started_at", "status")
ASSIGNMENTS = Prefetch(
    "assignments",
    InterviewAssignment.objects.only("interview", "interviewer", "response", "late_minutes"),
    to_attr="loaded_assignments",
)
SAME_DAY_WINDOW = timedelta(hours=16)  # two interviews of one local day are never further apart


@dataclass(slots=True)
class DelayForecast:
    """The interviews around the ones asked about, and what follows from them at `now`."""

    now: datetime
    expected_starts: dict[int, datetime] = field(default_factory=dict)
    clashing: set[int] = field(default_factory=set)
    room_delays: dict[int, timedelta] = field(default_factory=dict)

    @classmethod
    def load(
        cls, interviews: Iterable[Interview], rooms: Iterable[int] = (), *, now: datetime
    ) -> Self:
        """Read what surrounds these interviews and rooms today (two queries) and work out the
        forecast. The interviews asked about come with their campaigns and assignments.
        """
        asked = {interview.pk: interview for interview in interviews}
        people = {a.interviewer_id for i in asked.values() for a in i.assignment_list()}
        moments = [i.starts_at for i in asked.values()] + [now]
        shared = InterviewAssignment.objects.filter(interviewer__in=people).values("interview")
        near = Interview.objects.filter(
            Q(room__in={i.room_id for i in asked.values()}.union(rooms)) | Q(pk__in=shared),
            starts_at__gte=min(moments) - SAME_DAY_WINDOW,
            starts_at__lte=max(moments) + SAME_DAY_WINDOW,
            status__in=[*WAITING, Status.IN_PROGRESS],
        )
        others = near.exclude(pk__in=asked).only(*FIELDS).prefetch_related("campaign", ASSIGNMENTS)
        return cls.of([*asked.values(), *others], now=now)

    @classmethod
    def of(cls, interviews: Iterable[Interview], *, now: datetime) -> Self:
        """Work out the forecast of interviews that hold all their affected_interviews."""
        forecast = cls(now)
        active = [i for i in interviews if i.status in WAITING or i.status == Status.IN_PROGRESS]
        active.sort(key=lambda i: (i.starts_at, i.pk))
        forecast._find_clashes(active)
        today = [i for i in active if local_day(i) == local_day_of(now, i)]
        running_until = forecast._running_until(today)
        by_room: dict[int, list[Interview]] = defaultdict(list)
        for interview in today:
            by_room[interview.room_id].append(interview)
        for room_id, queue in by_room.items():
            forecast._pass_on_through_room(room_id, queue, running_until)
        return forecast

    def _running_until(self, active: list[Interview]) -> dict[int, datetime]:
        """Until when each interviewer is held by the interview he sits in."""
        until: dict[int, datetime] = {}
        for interview in active:
            if interview.status == Status.IN_PROGRESS:
                for assignment in active_assignments(interview):
                    held = until.get(assignment.interviewer_id, self.now)
                    until[assignment.interviewer_id] = max(held, self.expected_end(interview))
        return until

    def expected_end(self, running: Interview) -> datetime:
        """A running interview takes the time it was given, and at least until now."""
        begun = running.started_at or running.starts_at
        return max(begun + (running.ends_at - running.starts_at), self.now)

    def _pass_on_through_room(
        self, room_id: int, queue: list[Interview], running_until: dict[int, datetime]
    ) -> None:
        free_at: datetime | None = None
        for interview in queue:
            if interview.status == Status.IN_PROGRESS:
                free_at = self.expected_end(interview)
                self._note_delay(room_id, free_at - interview.ends_at)
                continue
            begin = self._begin_in_room(interview, free_at)
            free_at = begin + (interview.ends_at - interview.starts_at)
            self._note_delay(room_id, begin - interview.starts_at)
            held = [running_until.get(a.interviewer_id) for a in active_assignments(interview)]
            self._expect(interview, max([begin, *(moment for moment in held if moment)]))

    def _begin_in_room(self, interview: Interview, free_at: datetime | None) -> datetime:
        announced = max([a.late_minutes for a in active_assignments(interview)], default=0)
        begin = interview.starts_at + timedelta(minutes=announced)
        return max(begin, self.now, free_at) if free_at else max(begin, self.now)

    def _expect(self, interview: Interview, begin: datetime) -> None:
        if begin - interview.starts_at >= WORTH_SHOWING:
            self.expected_starts[interview.pk] = begin.replace(second=0, microsecond=0)

    def _note_delay(self, room_id: int, delay: timedelta) -> None:
        self.room_delays[room_id] = max(self.room_delays.get(room_id, timedelta()), delay)

    def _find_clashes(self, active: list[Interview]) -> None:
        """Two waiting interviews that want the same interviewer at the same time."""
        by_interviewer: dict[int, list[Interview]] = defaultdict(list)
        for interview in active:
            for assignment in active_assignments(interview):
                by_interviewer[assignment.interviewer_id].append(interview)
        for booked in by_interviewer.values():
            for number, first in enumerate(booked):
                for second in booked[number + 1 :]:
                    if second.starts_at >= first.ends_at:
                        break
                    self.clashing |= {first.pk, second.pk}

    def delay_minutes(self, room_id: int) -> int:
        return int(self.room_delays.get(room_id, timedelta()).total_seconds() // 60)


def active_assignments(interview: Interview) -> list[InterviewAssignment]:
    """The assignments that still stand."""
    return [a for a in interview.assignment_list() if a.response != DECLINED]


def local_day(interview: Interview) -> str:
    """The interview's day where it happens, as an ISO date."""
    return local_day_of(interview.starts_at, interview)


def local_day_of(moment: datetime, interview: Interview) -> str:
    """The day of a moment where the interview happens, as an ISO date."""
    return moment.astimezone(ZoneInfo(interview.campaign.time_zone)).date().isoformat()


def affected_interviews(
    interviews: Iterable[Interview], extra_interviewers: Iterable[int] = ()
) -> set[int]:
    """The waiting interviews whose expected_starts start or clash these may change, in one query.

    Covers the room and time that a moved interview has left.
    """
    asked = list(interviews)
    places = [(i.room_id, i.starts_at) for i in asked]
    places += [i.loaded_placement for i in asked if i.loaded_placement]
    if not places:
        return set()
    people = InterviewAssignment.objects.filter(interview__in=[i.pk for i in asked])
    near = Interview.objects.filter(
        Q(room__in={room for room, _ in places})
        | Q(assignments__interviewer__in=people.values("interviewer"))
        | Q(assignments__interviewer__in=list(extra_interviewers)),
        starts_at__gte=min(start for _, start in places) - SAME_DAY_WINDOW,
        starts_at__lte=max(start for _, start in places) + SAME_DAY_WINDOW,
        status__in=WAITING,
    )
    return set(near.values_list("pk", flat=True))
