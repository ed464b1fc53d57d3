"""Rows of live lists: interviews, rooms, counters and notices, as JSON-serialisable dicts.

Topics and API build their rows here. Field names are part of the published protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.urls import reverse
from django.utils import timezone

from interview.models import (
    AnyInterview,
    Interview,
    InterviewAssignment,
    InterviewRecord,
    Notification,
    Room,
    read_records_of,
)
from interview.models.interview_records import AssignmentRecord
from interview.models.querysets import InterviewQuerySet
from interview.models.scorecards import scorecards_of
from interview.models.states import NOT_TAKING_PLACE
from interview.notifications.in_app.notices import notice_text
from interview.rules.delays import DelayForecast
from interview.rules.flags import current_flags
from interview.rules.planned_interviews import active_assignments
from realtime.display_names import full_name, masked
from realtime.protocol.server_frames import Row, isoformat

PRIVATE_FIELDS = (*("search", "assignments", "candidate_id", "application", "reason", "follow_up"),)


def interview_rows(records: Iterable[InterviewRecord]) -> list[Row]:
    """Rows for everybody who may see the interviews, in their order. Takes one query."""
    found = list(records)
    forecast = current_forecast(found)
    return [interview_row(one, forecast) for one in found]


def interview_row(record: InterviewRecord, forecast: DelayForecast) -> Row:
    return {
        "key": interview_key(record.pk),
        "kind": "interview",
        "version": record.version,
        "id": record.pk,
        "campaign": record.campaign,
        "application": record.application_id,
        "candidate": record.candidate,
        "candidate_id": record.candidate_id,
        "search": search_text(record),
        "job": record.job,
        "round": record.round_number,
        "round_name": record.round_name,
        "round_name_en": record.round_name_en or record.round_name,
        "room": record.room,
        "room_id": record.room_id,
        "day": record.day.isoformat(),
        "status": record.status,
        "reason": record.reason,
        "side": record.side,
        "url": interview_url(record.pk),
        **_times(record, forecast),
        **_people(record),
        "follow_up": follow_up_of(record),
    }


def follow_up_of(record: InterviewRecord) -> Row | None:
    """The coordinator who deals with a flag of the interview, or has put it off; None if nobody."""
    if record.follow_up_by_id is None:
        return None
    names = (record.follow_up_last_name, record.follow_up_first_name, record.follow_up_username)
    return {
        "flag": record.follow_up_flag,
        "by_id": record.follow_up_by_id,
        "by": full_name(*(name or "" for name in names)),
        "snoozed_until": isoformat(record.snoozed_until),
    }


def _times(record: InterviewRecord, forecast: DelayForecast) -> Row:
    return {
        "starts_at": isoformat(record.starts_at),
        "ends_at": isoformat(record.ends_at),
        "arrived_at": isoformat(record.arrived_at),
        "started_at": isoformat(record.started_at),
        "finished_at": isoformat(record.finished_at),
        "expected_at": isoformat(forecast.expected_starts.get(record.pk)),
        "flags": current_flags(record, forecast),
    }


def _people(record: InterviewRecord) -> Row:
    cards = _cards(record)
    return {
        "interviewers": [a.name for a in record.assignments],
        "assignments": [_assignment(a, cards) for a in record.assignments],
        "feedback": feedback_of(record),
    }


def feedback_of(interview: AnyInterview) -> dict[str, int]:
    """The number of scorecards that are due, and how many of them have been submitted."""
    cards, due = _cards(interview), active_assignments(interview)
    return {
        "due": sum(cards.get(a.interviewer_id) != "dismissed" for a in due),
        "in": sum(cards.get(a.interviewer_id) == "submitted" for a in due),
    }


def _cards(interview: AnyInterview) -> dict[int, str]:
    return {card.interviewer_id: card.state for card in scorecards_of(interview)}


def _assignment(assignment: AssignmentRecord, cards: dict[int, str]) -> Row:
    return {
        "id": assignment.interviewer_id,
        "name": assignment.name,
        "response": assignment.response,
        "decline_reason": assignment.decline_reason,
        "late_minutes": assignment.late_minutes,
        "scorecard": cards.get(assignment.interviewer_id, "none"),
    }


def search_text(record: InterviewRecord) -> str:
    """The text that searches match: name, pinyin, initials. Example: "王小明 wangxiaoming wxm"."""
    parts = (record.candidate, record.pinyin, record.initials)
    return " ".join(part.lower() for part in parts if part)


def board_row(row: Row, record: InterviewRecord) -> Row:
    """The row for coordinators, who may also search for the last digits of a candidate's mobile.

    Example: "王小明 wangxiaoming wxm 4321".
    """
    return row | {"search": " ".join(filter(None, (row["search"], record.mobile[-4:])))}


def wall_row(row: Row) -> Row:
    """The row for a wall display: masked candidate name, no interviewers, no links."""
    public = {field: value for field, value in row.items() if field not in PRIVATE_FIELDS}
    hidden: Row = {"interviewers": [], "feedback": None, "url": ""}
    return public | hidden | {"candidate": masked(row["candidate"])}


def person_row(row: Row, record: InterviewRecord, user_id: int) -> Row:
    """The row for one interviewer, with their response and what they need to prepare.

    The record must have been read with its briefing.
    """
    own = next((part for part in row["assignments"] if part["id"] == user_id), None)
    briefing = record.briefing
    assert briefing is not None
    return {name: value for name, value in row.items() if name != "follow_up"} | {
        "mine": None if own is None else _own_part(own, record),
        "briefing": {
            "city": briefing.city,
            "school": briefing.school,
            "major": briefing.major,
            "degree": briefing.degree,
        },
        "criteria": [
            {"name": name, "name_en": name_en or name} for name, name_en in briefing.criteria
        ],
        "directions": briefing.directions,
        "meeting_url": briefing.meeting_url,
        "resume_url": resume_url(
            record, own["response"] if own else "", has_resume=briefing.has_resume
        ),
    }


def resume_url(interview: AnyInterview, response: str, *, has_resume: bool) -> str:
    """URL of the résumé for an interviewer with this response; "" if they may not read it.

    The same rule as `permissions.applications_whose_resume_may_be_read`.
    """
    is_asked = response not in {"", InterviewAssignment.Response.DECLINED}
    if not is_asked or not has_resume or interview.status in NOT_TAKING_PLACE:
        return ""
    return reverse("resume", args=[interview.application_id])


def _own_part(own: Row, record: InterviewRecord) -> Row:
    return {
        "response": own["response"],
        "late_minutes": own["late_minutes"],
        "scorecard": own["scorecard"],
        "scorecard_url": reverse("scorecard", args=[record.pk]),
    }


def room_row(room: Room, delay_minutes: int) -> Row:
    return {
        "key": f"room:{room.pk}",
        "kind": "room",
        "version": room.version,
        "id": room.pk,
        "campaign": room.campaign.slug,
        "name": room.name,
        "room_kind": room.kind,
        "directions": room.directions,
        "position": room.position,
        "is_active": room.is_active,
        "delay_minutes": delay_minutes,
    }


def coordinators_room_rows(rooms: Sequence[Room]) -> list[Row]:
    """Room rows with meeting links, which boards do not show."""
    forecast = current_forecast([])
    return [
        room_row(room, forecast.delay_minutes(room.pk)) | {"meeting_url": room.meeting_url}
        for room in rooms
    ]


def counter_row(name: str, value: int, day: str) -> Row:
    return {
        "key": f"counter:{name}",
        "kind": "counter",
        "version": 0,
        "name": name,
        "value": value,
        "day": day,
    }


def notice_row(notice: Notification) -> Row:
    """The row of a notice, in its recipient's language."""
    return {
        "key": f"notice:{notice.pk}",
        "kind": "notice",
        "version": 1 if notice.read_at is None else 2,
        "id": notice.pk,
        "event": notice.event,
        "text": notice_text(notice),
        "url": _notice_url(notice),
        "at": isoformat(notice.at),
        "read": notice.read_at is not None,
    }


def _notice_url(notice: Notification) -> str:
    if notice.run_id:
        return reverse("tasks")
    if notice.interview_id is None or notice.is_declined:
        return ""
    return interview_url(notice.interview_id)


def interview_url(interview_id: int) -> str:
    """Path of the interview's page.

    Built from a cached prefix: `reverse()` for each row would take as long as the rest of the row.
    """
    return f"{_interviews_url()}{interview_id}/"


@lru_cache(1)
def _interviews_url() -> str:
    return reverse("interview", args=[0]).removesuffix("0/")


def interview_key(interview_id: int) -> str:
    return f"interview:{interview_id}"


def current_forecast(
    interviews: Iterable[AnyInterview], *, read_from: InterviewQuerySet | None = None
) -> DelayForecast:
    """The delay forecast for these interviews and all rooms now. Takes one query.

    read_from: the queryset that has found them, see `DelayForecast.load`.
    """
    return DelayForecast.load(interviews, now=timezone.now(), read_from=read_from)


def current_rows(interview_ids: Sequence[int]) -> list[Row]:
    """The rows of these interviews, in this order, as the database has them. Takes two queries."""
    rows = interview_rows(read_records_of(interview_ids))
    by_id = {row["id"]: row for row in rows}
    return [by_id[pk] for pk in interview_ids if pk in by_id]


def current_row(interview: Interview) -> Row:
    """The row of an interview, as the database has it."""
    return current_rows([interview.pk])[0]
