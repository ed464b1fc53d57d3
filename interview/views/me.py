"""The interviewer's page, "My interviews". Rendered as HTML; its script follows `/ws/me/`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from interview.models import Interview, Notification
from interview.models.states import ENDED, Status
from interview.models.time_zones import preferred_zone
from interview.notifications.in_app.notices import notice_text
from interview.rules.delays import DelayForecast
from interview.services import notices_read
from interview.texts.me import me_texts
from interview.views.client_rules import client_rules
from interview.views.interviewer_day import InterviewerDay
from interview.views.request_helpers import signed_in_user
from realtime.display_names import display_name, initials

NOTICES_SHOWN = 20
LOOK_BACK = timedelta(days=1)


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Shows the user's interviews, scorecards due and notices."""
    user, now = signed_in_user(request), timezone.now()
    interviews = list(_relevant_interviews(user))
    notices = list(_notices(user))
    expected = DelayForecast.load(interviews, now=now).expected_starts
    context = {
        "own_day": InterviewerDay.of(interviews, user, now=now, expected=expected),
        "arrived": [i for i in interviews if i.status == Status.ARRIVED],
        "notices": [(notice, notice_text(notice)) for notice in notices[:NOTICES_SHOWN]],
        "own_zone": preferred_zone(user),
        "unread": sum(notice.read_at is None for notice in notices),
        "config": _config(user),
    }
    return render(request, "interview/me.html", context)


def _relevant_interviews(user: User) -> QuerySet[Interview]:
    """Returns the user's interviews since yesterday, and older ones that are unfinished."""
    recent = Q(starts_at__gte=timezone.now() - LOOK_BACK)
    unfinished = ~Q(status__in=ENDED)
    return Interview.objects.for_interviewer_rows().of_interviewer(user).filter(recent | unfinished)


def _notices(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user).for_reading()[:100]


def _config(user: User) -> dict[str, Any]:
    return {
        "texts": me_texts(),
        "rules": client_rules(),
        "language": translation.get_language(),
        "socket": "/ws/me/",
        "api": "/api/v1/",
        "login": reverse("login") + "?next=" + reverse("me"),
        "user": {"id": user.pk, "name": display_name(user), "initials": initials(user)},
    }


@login_required
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """Marks all of the user's notices as read. Used by the page without script."""
    notices_read(recipient=signed_in_user(request))
    return redirect("me")
