"""Rows of live lists: interviews, rooms, counters and notices, as JSON-serialisable dicts.

Topics and API build their rows here. Field names are part of the published protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils import timezone

from interview.models import Interview, InterviewAssignment, Notification, Room
from interview.models.scorecards import scorecards_of
from interview.models.states import NOT_TAKING_PLACE
from interview.notifications.in_app.notices import notice_text
from interview.rules.delays import DelayForecast, active_assignments, local_day
from interview.rules.flags import current_flags
from jobs.models import Candidate
from jobs.models.submissions import has_resume
from realtime.display_names import display_name, masked
from realtime.protocol.server_frames import Row, isoformat

PRIVATE_FIELDS = ("search", "assignments", "candidate_id", "application", "reason")


def interview_rows(interviews: Iterable[Interview], forecast: DelayForecast) -> list[Row]:
    """Rows for everybody who may see the interviews. They must come from `for_rows()`."""
    return [interview_row(interview, forecast) for interview in interviews]


def board_rows(interviews: Iterable[Interview], forecast: DelayForecast) -> list[Row]:
    """Rows for coordinators, who may search for the number of a candidate."""
    return [
        interview_row(one, forecast) | {"search": coordinators_search(one.application.candidate)}
        for one in interviews
    ]


def interview_row(interview: Interview, forecast: DelayForecast) -> Row:
    candidate = interview.application.candidate
    return {
        "key": interview_key(interview.pk),
        "kind": "interview",
        "version": interview.version,
        "id": interview.pk,
        "campaign": interview.campaign.slug,
        "application": interview.application_id,
        "candidate": candidate.name,
        "candidate_id": candidate.pk,
        "search": search_text(candidate),
        "job": interview.application.job.title,
        "round": interview.round.number,
        "round_name": interview.round.name,
        "round_name_en": interview.round.name_en or interview.round.name,
        "room": interview.room.name,
        "room_id": interview.room_id,
        "day": local_day(interview),
        "status": interview.status,
        "reason": interview.reason,
        "side": interview.side,
        "url": interview_url(interview.pk),
        **_times(interview, forecast),
        **_people(interview, forecast),
    }


def _times(interview: Interview, forecast: DelayForecast) -> Row:
    return {
        "starts_at": isoformat(interview.starts_at),
        "ends_at": isoformat(interview.ends_at),
        "arrived_at": isoformat(interview.arrived_at),
        "started_at": isoformat(interview.started_at),
        "finished_at": isoformat(interview.finished_at),
        "expected_at": isoformat(forecast.expected_starts.get(interview.pk)),
        "flags": current_flags(interview, forecast),
    }


def _people(interview: Interview, forecast: DelayForecast) -> Row:
    cards = _cards(interview)
    return {
        "interviewers": [display_name(a.interviewer) for a in interview.assignment_list()],
        "assignments": [_assignment(a, cards) for a in interview.assignment_list()],
        "feedback": feedback_of(interview),
    }


def feedback_of(interview: Interview) -> dict[str, int]:
    """The number of scorecards that are due, and how many of them have been submitted."""
    cards, due = _cards(interview), active_assignments(interview)
    return {
        "due": sum(cards.get(a.interviewer_id) != "dismissed" for a in due),
        "in": sum(cards.get(a.interviewer_id) == "submitted" for a in due),
    }


def _cards(interview: Interview) -> dict[int, str]:
    return {card.interviewer_id: card.state for card in scorecards_of(interview)}


def _assignment(assignment: InterviewAssignment, cards: dict[int, str]) -> Row:
    return {
        "id": assignment.interviewer_id,
        "name": display_name(assignment.interviewer),
        "response": assignment.response,
        "decline_reason": assignment.decline_reason,
        "late_minutes": assignment.late_minutes,
        "scorecard": cards.get(assignment.interviewer_id, "none"),
    }


def search_text(candidate: Candidate) -> str:
    """The text that searches match: name, pinyin, initials. Example: "王小明 wangxiaoming wxm"."""
    parts = (candidate.name, candidate.pinyin, candidate.initials)
    return " ".join(part.lower() for part in parts if part)


def coordinators_search(candidate: Candidate) -> str:
    """`search_text` and the last digits of the mobile. Example: "王小明 wangxiaoming wxm 4321"."""
    return " ".join(filter(None, (search_text(candidate), candidate.mobile[-4:])))


def wall_row(row: Row) -> Row:
    """The row for a wall display: masked candidate name, no interviewers, no links."""
    public = {field: value for field, value in row.items() if field not in PRIVATE_FIELDS}
    hidden: Row = {"interviewers": [], "feedback": None, "url": ""}
    return public | hidden | {"candidate": masked(row["candidate"])}


def person_row(interview: Interview, forecast: DelayForecast, user_id: int) -> Row:
    """The row for one interviewer, with their response and what they need to prepare."""
    row = interview_row(interview, forecast)
    own = next((part for part in row["assignments"] if part["id"] == user_id), None)
    candidate = interview.application.candidate
    return row | {
        "mine": None if own is None else _own_part(own, interview),
        "briefing": {
            "city": candidate.city,
            "school": candidate.school,
            "major": candidate.major,
            "degree": candidate.degree,
        },
        "criteria": [
            {"name": c.name, "name_en": c.name_en or c.name} for c in interview.round.criteria.all()
        ],
        "directions": interview.room.directions,
        "meeting_url": interview.room.meeting_url,
        "resume_url": resume_url(interview, own["response"] if own else ""),
    }


def resume_url(interview: Interview, response: str) -> str:
    """URL of the résumé for an interviewer with this response; "" if they may not read it.

    The same rule as `permissions.applications_whose_resume_may_be_read`. The interview must come
    from `for_interviewer_rows()`.
    """
    is_asked = response not in {"", InterviewAssignment.Response.DECLINED}
    if (
        not is_asked
        or interview.status in NOT_TAKING_PLACE
        or not has_resume(interview.application)
    ):
        return ""
    return reverse("resume", args=[interview.application_id])


def _own_part(own: Row, interview: Interview) -> Row:
    return {
        "response": own["response"],
        "late_minutes": own["late_minutes"],
        "scorecard": own["scorecard"],
        "scorecard_url": reverse("scorecard", args=[interview.pk]),
    }


def room_row(room: Room, forecast: DelayForecast) -> Row:
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
        "delay_minutes": forecast.delay_minutes(room.pk),
    }


def coordinators_room_rows(rooms: Sequence[Room]) -> list[Row]:
    """Room rows with meeting links, which boards do not show."""
    forecast = current_forecast([])
    return [room_row(room, forecast) | {"meeting_url": room.meeting_url} for room in rooms]


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


def current_forecast(interviews: list[Interview]) -> DelayForecast:
    """The delay forecast for these interviews and all rooms now."""
    return DelayForecast.load(interviews, now=timezone.now())


def current_row(interview: Interview) -> dict[str, Any]:
    """The row of an interview, reloaded from the database."""
    fresh = Interview.objects.for_rows().get(pk=interview.pk)
    return interview_row(fresh, current_forecast([fresh]))
