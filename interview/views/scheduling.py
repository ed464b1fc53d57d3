"""Applications and the interviews planned for them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from interview.models import Interview
from interview.models.time_zones import preferred_zone
from interview.services import interview_create
from interview.services.transitions import Actor
from interview.views.application_filter import ApplicationFilter
from interview.views.availability import rooms_that_day, who_is_free
from interview.views.request_helpers import person
from interview.views.schedule_form import ScheduleForm, proposal_for
from jobs.exports.exports import may_export
from jobs.models import Application, Campaign

PAGE_SIZE = 50
SHOWN_AT = {"starts_at": "start", "ends_at": "minutes"}  # a service's field → the form's


@login_required
@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """The applications of one's campaigns, with their interviews."""
    _only_for_coordinators(request)
    search = ApplicationFilter(person(request), request.GET)
    found = search.results().select_related("candidate", "job__campaign", "resume")
    interviews = Interview.objects.select_related("round", "room").order_by("starts_at")
    found = found.prefetch_related(Prefetch("interviews", interviews))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    has_one_campaign = Campaign.objects.coordinated_by(request.user).count() == 1
    context = {
        "search": search,
        "own_zone": preferred_zone(request.user),
        "page": page,
        "has_one_campaign": has_one_campaign,
        "may_export": may_export(request.user),
    }
    return render(request, "interview/applications.html", context)


def _only_for_coordinators(request: HttpRequest) -> None:
    if not Campaign.objects.coordinated_by(request.user).exists():
        raise PermissionDenied


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan an interview for an application. `do=check` only looks who and what is free then."""
    visible = Application.objects.visible_to(person(request))
    application = get_object_or_404(visible.select_related("candidate", "job__campaign"), pk=pk)
    if request.method != "POST":
        proposed = ScheduleForm(application, initial=_proposed(request, application))
        return _ask(request, application, proposed)
    form = ScheduleForm(application, request.POST)
    if request.POST.get("do") == "check":
        entries = {name: form[name].value() for name in form.fields}
        return _ask(request, application, ScheduleForm(application, initial=entries))
    if form.is_valid():
        interview = _create(request, application, form)
        if interview is not None:
            messages.success(request, _("Scheduled. The interviewers have been told."))
            return redirect("interview", interview.pk)
    return _ask(request, application, form, status=400)


def _proposed(request: HttpRequest, application: Application) -> dict[str, Any]:
    """The proposal, with whatever the address says instead."""
    known = ScheduleForm.base_fields.keys() & request.GET.keys()
    return {**proposal_for(application), **{name: request.GET[name] for name in known}}


def _create(request: HttpRequest, application: Application, form: ScheduleForm) -> Interview | None:
    """The new interview, or None with the reasons in the form."""
    try:
        return interview_create(
            application=application,
            actor=Actor(user=person(request), source="page"),
            **form.plan(),
        )
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            form.add_error(SHOWN_AT.get(name, name), reasons)
        return None


def _ask(
    request: HttpRequest, application: Application, form: ScheduleForm, *, status: int = 200
) -> HttpResponse:
    with timezone.override(ZoneInfo(application.job.campaign.time_zone)):
        slot = form.asked_for()
        chosen = {str(value) for value in form["interviewers"].value() or ()}
        context = {
            "application": application,
            "interviews": application.interviews.select_related("round", "room"),
            "form": form,
            "slot": slot,
            "rooms": rooms_that_day(form.rooms, slot),
            "people": [one | {"is_chosen": str(one["id"]) in chosen} for one in who_is_free(slot)],
        }
        return render(request, "interview/schedule.html", context, status=status)
