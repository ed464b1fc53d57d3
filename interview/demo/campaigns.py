"""The campaigns of the demo and their rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interview import services
from interview.models import Room
from jobs.models import Campaign


@dataclass(frozen=True, slots=True)
class RoomSpec:
    """A room. job: what most of its interviews are for, a key of openings.OPENINGS."""

    name: str
    job: str
    directions: str = ""
    meeting_url: str = ""


AUTUMN_SLUG = "autumn-2026"
NORTH = "A 座 3 层，出电梯左转"
SOUTH = "B 座 2 层，前台右侧走廊"
MEETING_URL = "https://meet.example.com/autumn"

ROOMS = (
    RoomSpec("A-301", "backend", f"{NORTH}第一间"),
    RoomSpec("A-302", "frontend", f"{NORTH}第二间"),
    RoomSpec("A-303", "product", f"{NORTH}第三间"),
    RoomSpec("A-304", "algorithm", f"{NORTH}第四间"),
    RoomSpec("A-305", "backend", f"{NORTH}尽头"),
    RoomSpec("B-201", "people", f"{SOUTH}第一间"),
    RoomSpec("B-202", "reliability", f"{SOUTH}第二间"),
    RoomSpec("B-203", "algorithm", f"{SOUTH}第三间"),
    RoomSpec("B-204", "quality", f"{SOUTH}第四间"),
    RoomSpec("B-205", "design", f"{SOUTH}尽头"),
    RoomSpec("Online 1", "analyst", meeting_url=f"{MEETING_URL}-1"),
    RoomSpec("Online 2", "quality", meeting_url=f"{MEETING_URL}-2"),
    RoomSpec("Online 3", "growth", meeting_url=f"{MEETING_URL}-3"),
    RoomSpec("Online 4", "security", meeting_url=f"{MEETING_URL}-4"),
)
HANGZHOU_ROOMS = (
    RoomSpec("云栖 1", "intern", "3 号楼 5 层"),
    RoomSpec("云栖 2", "intern", "3 号楼 5 层"),
)


def create_autumn_campaign() -> Campaign:
    return Campaign.objects.create(
        slug=AUTUMN_SLUG, name="2026 秋季校招", city="北京", time_zone="Asia/Shanghai"
    )


def create_hangzhou_campaign() -> Campaign:
    return Campaign.objects.create(
        slug="hangzhou-interns", name="杭州实习生招聘", city="杭州", time_zone="Asia/Shanghai"
    )


def create_rooms(campaign: Campaign, specs: Sequence[RoomSpec]) -> list[Room]:
    return [
        services.room_save(
            room=Room(
                campaign=campaign,
                name=spec.name,
                kind=Room.Kind.VIDEO if spec.meeting_url else Room.Kind.ROOM,
                directions=spec.directions,
                meeting_url=spec.meeting_url,
                position=position,
            )
        )
        for position, spec in enumerate(specs)
    ]
