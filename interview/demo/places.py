"""Where the demo takes place: campaigns and their rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interview import services
from interview.models import Room
from jobs.models import Campaign


@dataclass(frozen=True, slots=True)
class Place:
    """A room, and the job most of its interviews are for (a key of openings.OPENINGS)."""

    name: str
    job: str
    directions: str = ""
    meeting_url: str = ""


NORTH = "A 座 3 层，出电梯左转"
SOUTH = "B 座 2 层，前台右侧走廊"
MEETING = "https://meet.example.com/autumn"

ROOMS = (
    Place("A-301", "backend", f"{NORTH}第一间"),
    Place("A-302", "frontend", f"{NORTH}第二间"),
    Place("A-303", "product", f"{NORTH}第三间"),
    Place("A-304", "algorithm", f"{NORTH}第四间"),
    Place("A-305", "backend", f"{NORTH}尽头"),
    Place("B-201", "people", f"{SOUTH}第一间"),
    Place("B-202", "reliability", f"{SOUTH}第二间"),
    Place("B-203", "algorithm", f"{SOUTH}第三间"),
    Place("B-204", "quality", f"{SOUTH}第四间"),
    Place("B-205", "design", f"{SOUTH}尽头"),
    Place("Online 1", "analyst", meeting_url=f"{MEETING}-1"),
    Place("Online 2", "quality", meeting_url=f"{MEETING}-2"),
    Place("Online 3", "growth", meeting_url=f"{MEETING}-3"),
    Place("Online 4", "security", meeting_url=f"{MEETING}-4"),
)
OTHER_ROOMS = (
    Place("云栖 1", "intern", "3 号楼 5 层"),
    Place("云栖 2", "intern", "3 号楼 5 层"),
)


def autumn_campaign() -> Campaign:
    return Campaign.objects.create(
        slug=AUTUMN, name="2026 秋季校招", city="北京", time_zone="Asia/Shanghai"
    )


def other_campaign() -> Campaign:
    return Campaign.objects.create(
        slug="hangzhou-interns", name="杭州实习生招聘", city="杭州", time_zone="Asia/Shanghai"
    )


AUTUMN = "autumn-2026"


def make_rooms(campaign: Campaign, places: Sequence[Place]) -> list[Room]:
    return [
        services.room_save(
            room=Room(
                campaign=campaign,
                name=place.name,
                kind=Room.Kind.VIDEO if place.meeting_url else Room.Kind.ROOM,
                directions=place.directions,
                meeting_url=place.meeting_url,
                position=position,
            )
        )
        for position, place in enumerate(places)
    ]
