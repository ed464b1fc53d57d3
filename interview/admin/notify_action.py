"""The admin action “Notify interviewers”: a confirmation page, then a background task."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    """Notify about the candidates' interviews that this person may see."""
    visible = Interview.objects.visible_to(request.user).for_rows()
    interviews = visible.filter(application__candidate__in=candidates.values("pk"))
    return confirm_and_notify(model_admin, request, interviews)


def confirm_and_notify(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, interviews: QuerySet[Interview]
) -> HttpResponse | None:
    """Return the confirmation page, or None after starting the task for a confirmed selection."""
    recipients = recipients_of(interviews)
    token = request.POST.get("token")
    if token is None:
        return TemplateResponse(
            request, PAGE, _page(model_admin, request) | confirmation_context(recipients)
        )
    person: Any = request.user
    start_reminders(recipients, person, token)
    count = recipients.notice_count
    text = ngettext("%(count)d notice is being sent.", "%(count)d notices are being sent.", count)
    messages.success(request, text % {"count": count})
    return None


def _page(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> dict[str, Any]:
    """Return the page context, with the selection, so that confirming applies to the same rows."""
    return {
        **model_admin.admin_site.each_context(request),
        "title": _("Notify interviewers"),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "checkbox": ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
