"""Topics of interview days: boards, wall displays, and each person's own list.

`register` tells the realtime layer who may watch a topic and which rows it has. The name of a board
or wall is a campaign and a day: `spring-2026.2026-11-29`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from interview.live import rows
from interview.live.counters import BoardName, counter_rows
from interview.live.notices import listed_notices, newest_notices
from interview.live.reading import Reading
from interview.models import Interview, Room
from interview.models.querysets import InterviewQuerySet
from interview.rules import days, permissions
from interview.rules.planned_interviews import active_assignments
from jobs.models import Campaign
from realtime.background import task_rows
from realtime.log import topics
from realtime.log.topics import TopicKind
from realtime.protocol.server_frames import Row


def register() -> None:
    topics.register(
        TopicKind(
            prefix="board",
            watchers=lambda people, name: permissions.board_watchers(people, campaign_of(name)),
            all_rows=board_rows,
            changed_rows=changed_rows,
            is_name=has_day,
            full_names=with_today,
        )
    )
    topics.register(
        TopicKind(
            prefix="wall",
            watchers=lambda people, name: permissions.wall_watchers(people, campaign_of(name)),
            all_rows=wall_rows,
            changed_rows=changed_rows,
            is_name=has_day,
            full_names=with_today,
        )
    )
    topics.register(
        TopicKind(
            prefix="person",
            watchers=permissions.person_watchers,
            all_rows=person_rows,
            changed_rows=changed_rows,
        )
    )


# Names


def campaign_of(name: str) -> str:
    return name.partition(".")[0]


def has_day(name: str) -> bool:
    try:
        board_name(name)
    except ValueError:
        return False
    return True


def board_name(name: str) -> BoardName:
    """Campaign and day of a topic's name. Raises ValueError if it lacks a day."""
    campaign, _, day = name.partition(".")
    return campaign, date.fromisoformat(day)


def with_today(names: Collection[str]) -> dict[str, str]:
    """Name → name with the campaign's current day, for names without a day. Takes one query.

    Leaves out campaigns that do not exist.
    """
    short = [name for name in names if "." not in name]
    zones = Campaign.objects.filter(slug__in=short).values_list("slug", "time_zone")
    return {slug: f"{slug}.{days.today(zone)}" for slug, zone in zones} if short else {}


def ids_of(keys: Iterable[str], kind: str) -> set[int]:
    """The ids in the keys of one kind, such as 17 from `interview:17`."""
    prefix = f"{kind}:"
    return {int(key.removeprefix(prefix)) for key in keys if key.startswith(prefix)}


# Snapshots


def board_rows(name: str) -> Iterable[Row]:
    slug, day = board_name(name)
    reading = Reading.of(_interviews_of(slug, day))
    for record in reading.records.values():
        yield rows.board_row(reading.row(record), record)
    for room in Room.objects.filter(campaign__slug=slug).select_related("campaign"):
        yield rows.room_row(room, _delay_minutes(room, reading, day))
    yield from counter_rows([(slug, day)]).get((slug, day), ())


def wall_rows(name: str) -> Iterable[Row]:
    reading = Reading.of(_interviews_of(*board_name(name)))
    return [rows.wall_row(reading.row(record)) for record in reading.records.values()]


def _interviews_of(slug: str, day: date) -> InterviewQuerySet:
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        return Interview.objects.none()
    return Interview.objects.filter(days.listed_on(day, campaign.time_zone), campaign=campaign)


def person_rows(user_id: str) -> Iterable[Row]:
    own = Interview.objects.of_interviewer(user_id).filter(days.own_list(timezone.now()))
    reading = Reading.of(own, with_briefing=True)
    yield from _own_interviews(reading, int(user_id), set(reading.records))
    yield from newest_notices(int(user_id))
    yield from task_rows.own_rows(user_id)


# Changes


def changed_rows(changed: Mapping[str, list[str]]) -> dict[str, list[Row]]:
    """Topic → the current rows of these keys (topic → keys): each interview is read once.

    The number of queries does not depend on the number of topics, except for those with task runs.
    """
    return _Changes(changed).rows()


@dataclass(frozen=True, slots=True)
class _Part:
    """The changed keys of one topic: of its kind `prefix`, with this name."""

    prefix: str
    name: str
    keys: list[str]


class _Changes:
    """The rows of one batch of changes, for all topics that show them."""

    def __init__(self, changed: Mapping[str, list[str]]) -> None:
        self._parts = {
            topic: _Part(topics.prefix_of(topic), topics.kind_of(topic)[1], keys)
            for topic, keys in changed.items()
        }
        everything = {key for keys in changed.values() for key in keys}
        persons = [int(one.name) for one in self._parts.values() if one.prefix == "person"]
        interviews = ids_of(everything, "interview")
        self._reading = Reading.of_ids(interviews, with_briefing=bool(persons))
        rooms = Room.objects.filter(pk__in=ids_of(everything, "room")).select_related("campaign")
        self._rooms = {room.pk: room for room in rooms}
        self._counters = counter_rows(self._counted_boards())
        self._notices = listed_notices(persons, ids_of(everything, "notice"))

    def _counted_boards(self) -> list[BoardName]:
        return [
            board_name(one.name)
            for one in self._parts.values()
            if one.prefix == "board" and any(key.startswith("counter:") for key in one.keys)
        ]

    def rows(self) -> dict[str, list[Row]]:
        of = {"board": self._board, "wall": self._wall, "person": self._person}
        return {
            topic: list(of[one.prefix](one.name, one.keys)) for topic, one in self._parts.items()
        }

    def _board(self, name: str, keys: list[str]) -> Iterable[Row]:
        slug, day = board_name(name)
        for record in self._reading.listed(ids_of(keys, "interview"), slug, day):
            yield rows.board_row(self._reading.row(record), record)
        for pk in ids_of(keys, "room"):
            room = self._rooms.get(pk)
            if room is not None and room.campaign.slug == slug:
                yield rows.room_row(room, _delay_minutes(room, self._reading, day))
        yield from self._counters.get((slug, day), ())

    def _wall(self, name: str, keys: list[str]) -> Iterable[Row]:
        for record in self._reading.listed(ids_of(keys, "interview"), *board_name(name)):
            yield rows.wall_row(self._reading.row(record))

    def _person(self, name: str, keys: list[str]) -> Iterable[Row]:
        user_id, notices = int(name), ids_of(keys, "notice")
        yield from _own_interviews(self._reading, user_id, ids_of(keys, "interview"))
        yield from (row for row in self._notices[user_id] if row["id"] in notices)
        if any(key.startswith("task:") for key in keys):
            yield from task_rows.own_rows_of(name, keys)


def _delay_minutes(room: Room, reading: Reading, day: date) -> int:
    """The delay of a room, which it has only today."""
    is_today = day == days.today(room.campaign.time_zone)
    return reading.forecast.delay_minutes(room.pk) if is_today else 0


def _own_interviews(reading: Reading, user_id: int, ids: set[int]) -> Iterable[Row]:
    for pk in ids:
        record = reading.records.get(pk)
        if record is None or not days.is_in_own_list(record):
            continue
        if any(one.interviewer_id == user_id for one in active_assignments(record)):
            yield rows.person_row(reading.row(record), record, user_id)
