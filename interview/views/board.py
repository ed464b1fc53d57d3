"""The coordinator's pages: the list of boards, a board, its wall screen.

The pages contain no rows: their scripts load them over the socket. Without a script, `?plain=1`
shows the board as a plain table.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from interview import texts
from interview.live.rows import interview_key
from interview.models import Interview, RoundTemplate
from interview.models.states import TRANSITIONS, Status
from interview.rules import days
from interview.rules.limits import UNDO_WITHIN
from interview.services.undo import UndoableStep, undoable_steps
from interview.views.client_rules import client_rules
from interview.views.request_helpers import signed_in_user
from jobs.models import Campaign
from jobs.models.access import may_see_everything
from monitoring.http.dates import ALLOWED_YEARS, YEAR_BOUNDS, YEAR_MESSAGE
from realtime.display_names import display_name, initials


@require_safe
@login_required
def boards(request: HttpRequest) -> HttpResponse:
    """Redirects to the user's only board, or to the only one with interviews today.

    Shows the list of boards otherwise, or if `all` is in the query string.
    """
    mine = Campaign.objects.coordinated_by(request.user)
    found = list(mine.annotate(planned=Count("interviews", filter=_is_not_cancelled())))
    if not found and not _coordinates(request.user):
        raise PermissionDenied
    busy = [campaign for campaign in found if _has_interviews_today(campaign)]
    now = busy if len(found) > 1 else found
    if len(now) == 1 and "all" not in request.GET:
        return redirect("board", campaign=now[0].slug)
    return render(request, "interview/boards.html", {"campaigns": found, "busy": busy})


def _coordinates(user: Any) -> bool:
    return may_see_everything(user) or user.groups.filter(name="coordinator").exists()


def _is_not_cancelled() -> Q:
    return ~Q(interviews__status=Status.CANCELLED)


def _has_interviews_today(campaign: Campaign) -> bool:
    start, end = days.today_bounds(campaign.time_zone)
    today = campaign.interviews.filter(starts_at__gte=start, starts_at__lt=end)
    return today.exclude(status=Status.CANCELLED).exists()


@require_safe
@login_required
def board(request: HttpRequest, campaign: str) -> HttpResponse:
    """Shows a campaign's board. Raises Http404 if the user does not coordinate it."""
    mine = Campaign.objects.coordinated_by(request.user).distinct()
    found = get_object_or_404(mine, slug=campaign)
    if "plain" in request.GET:
        return _plain(request, found)
    page = {
        "campaign": found,
        "others": mine.exclude(pk=found.pk),
        "config": board_config(request, found),
    }
    return render(request, "interview/board.html", page)


def _plain(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Shows one day of the board as a table, without script and for printing."""
    day = _day_asked(request, campaign)
    zone = ZoneInfo(campaign.time_zone)
    start, end = days.bounds(day, campaign.time_zone)
    interviews = Interview.objects.for_rows().filter(
        campaign=campaign, starts_at__gte=start, starts_at__lt=end
    )
    page = {
        "campaign": campaign,
        "zone": zone,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "interviews": interviews,
    }
    return render(request, "interview/board_plain.html", page)


def _day_asked(request: HttpRequest, campaign: Campaign) -> date:
    """Returns the day in the query string, or today if it is missing or no date.

    Raises BadRequest for a year that is not allowed.
    """
    try:
        asked = parse_date(request.GET.get("day", ""))
    except ValueError:
        asked = None
    if asked is not None and asked.year not in ALLOWED_YEARS:
        raise BadRequest(YEAR_MESSAGE % YEAR_BOUNDS)
    return asked or days.today(campaign.time_zone)


@require_safe
@login_required
def wall(request: HttpRequest, campaign: str) -> HttpResponse:
    """Shows the wall screen for the waiting area: masked names, no actions."""
    shown = Campaign.objects.wall_visible_to(request.user).distinct()
    found = get_object_or_404(shown, slug=campaign)
    config = _shared_config(request, found) | {
        "socket": f"/ws/wall/{found.slug}/",
        "texts": texts.SHARED | texts.WALL,
    }
    return render(request, "interview/wall.html", {"campaign": found, "config": config})


def board_config(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Returns the configuration of the board's script: everything it needs besides the rows."""
    rounds = RoundTemplate.objects.for_campaign(campaign.pk)
    is_english = request.LANGUAGE_CODE.startswith("en")
    return _shared_config(request, campaign) | {
        "socket": f"/ws/board/{campaign.slug}/",
        "tasks_socket": "/ws/tasks/",
        "api": "/api/v1/",
        "sign_in": f"{reverse('login')}?next={request.path}",
        "tasks": reverse("tasks"),
        "candidates": reverse("candidates"),
        "texts": texts.SHARED | texts.BOARD,
        "user": _user(request.user),
        "transitions": transitions(),
        "undo_minutes": UNDO_WITHIN // timedelta(minutes=1),
        "undo_steps": [
            _undoable(step) for step in undoable_steps(signed_in_user(request), campaign)
        ],
        "rounds": [
            {"number": r.number, "name": (r.name_en if is_english else "") or r.name}
            for r in rounds
        ],
        "interviewers": [
            {"id": person.pk, "name": display_name(person)}
            for person in User.objects.filter(groups__name="interviewer", is_active=True)
        ],
    }


def _undoable(step: UndoableStep) -> dict[str, Any]:
    """Returns a step of the undo stack, as the script keeps it."""
    interview = step.event.interview
    return {
        "key": interview_key(interview.pk),
        "id": interview.pk,
        "from": step.event.version - 1,
        "version": step.version,
        "candidate": interview.application.candidate.name,
        "seconds_ago": (timezone.now() - step.event.at).total_seconds(),
    }


def _shared_config(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    return {
        "language": request.LANGUAGE_CODE,
        "statuses": texts.STATUSES,
        "rules": client_rules(),
        "today": days.today(campaign.time_zone).isoformat(),
        "campaign": {
            "slug": campaign.slug,
            "name": campaign.name,
            "city": campaign.city,
            "time_zone": campaign.time_zone,
        },
    }


def _user(user: Any) -> dict[str, Any]:
    return {"id": user.pk, "name": display_name(user), "initials": initials(user)}


def transitions() -> dict[str, dict[str, Any]]:
    """Returns the state machine for the script: action → {"from": [statuses], "to": status}."""
    return {
        action: {"from": sorted(sources), "to": target}
        for action, (sources, target) in TRANSITIONS.items()
    }
