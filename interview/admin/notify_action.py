"""The action “notify interviewers”: a page says whom it tells; confirmed, a worker tells them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from interview.bulk.action_views import confirmation_context, start_reminders
from interview.bulk.notify import recipients_of
from interview.models import Interview
from jobs.models import Candidate

PAGE = "interview/bulk/admin_notify.html"


def may_notify(user: Any) -> bool:
    return bool(user.has_perm("interview.notify_interviewers"))


def notify_of_candidates(
    model_admin: admin.ModelAdmin[Candidate], request: HttpRequest, candidates: QuerySet[Candidate]
) -> HttpResponse | None:
    """Those of their interviews that this person may see."""
    visible = Interview.objects.visible_to(request.user).for_rows()
    interviews = visible.filter(application__candidate__in=candidates.values("pk"))
    return notify_first_asking(model_admin, request, interviews)


def notify_first_asking(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, interviews: QuerySet[Interview]
) -> HttpResponse | None:
    recipients = recipients_of(interviews)
    token = request.POST.get("token")
    if token is None:
        return TemplateResponse(
            request, PAGE, _page(model_admin, request) | confirmation_context(recipients)
        )
    person: Any = request.user
    start_reminders(recipients, person, token)
    messages.success(
        request, _("A worker tells them: %(count)d notices.") % {"count": recipients.notice_count}
    )
    return None


def _page(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> dict[str, Any]:
    """The selection, so that the confirmation means the same rows."""
    return {
        **model_admin.admin_site.each_context(request),
        "title": _("Notify interviewers"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "checkbox": ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
