"""The list of applications, and the page to schedule one interview."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, Q
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
from interview.views.availability import interviewer_availability, room_availability
from interview.views.request_helpers import signed_in_user
from interview.views.schedule_form import ScheduleForm, suggested_values
from jobs.applications.confirm import unconfirmed
from jobs.exports.rights import may_export
from jobs.merging.conflict_views import ConflictShown, conflicts_shown, undecided_conflicts
from jobs.models import Application, Campaign, Job
from monitoring.http.pagination import PrimaryKeyPaginator

PAGE_SIZE = 50
FORM_FIELDS: dict[str, str | None] = {  # field of the service → of the form; None: the whole form
    "starts_at": "start",
    "ends_at": "minutes",
    "application": None,
}


@login_required
@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """Lists the applications of the user's campaigns with their interviews."""
    _require_coordinator(request)
    search = ApplicationFilter(signed_in_user(request), request.GET)
    found = search.results().select_related("candidate", "job__campaign", "resume")
    interviews = Interview.objects.select_related("round", "room").order_by("starts_at")
    found = found.prefetch_related(Prefetch("interviews", interviews))
    page = PrimaryKeyPaginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    has_one_campaign = Campaign.objects.coordinated_by(request.user).count() == 1
    context = {
        "search": search,
        "own_zone": preferred_zone(request.user),
        "page": page,
        "has_one_campaign": has_one_campaign,
        "may_export": may_export(request.user),
        "unconfirmed": _unconfirmed(request),
    }
    return render(request, "interview/applications.html", context)


def _unconfirmed(request: HttpRequest) -> int:
    """The number of online applications whose e-mail address is not confirmed yet."""
    return unconfirmed().filter(job__in=Job.objects.visible_to(request.user).values("pk")).count()


def _require_coordinator(request: HttpRequest) -> None:
    if not Campaign.objects.coordinated_by(request.user).exists():
        raise PermissionDenied


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Schedules an interview for an application. `do=check` only shows who and what is free."""
    visible = Application.objects.visible_to(signed_in_user(request))
    application = get_object_or_404(visible.select_related("candidate", "job__campaign"), pk=pk)
    if request.method != "POST":
        prefilled = ScheduleForm(application, initial=_initial(request, application))
        return _show_form(request, application, prefilled)
    form = ScheduleForm(application, request.POST)
    if request.POST.get("do") == "check":
        entries = {name: form[name].value() for name in form.fields}
        return _show_form(request, application, ScheduleForm(application, initial=entries))
    if form.is_valid():
        interview = _create(request, application, form)
        if interview is not None:
            messages.success(
                request, _("Interview scheduled. The interviewers have been notified.")
            )
            return redirect("interview", interview.pk)
    return _show_form(request, application, form, status=400)


def _initial(request: HttpRequest, application: Application) -> dict[str, Any]:
    """Returns the suggested values, overridden by the query string."""
    known = ScheduleForm.base_fields.keys() & request.GET.keys()
    return {**suggested_values(application), **{name: request.GET[name] for name in known}}


def _create(request: HttpRequest, application: Application, form: ScheduleForm) -> Interview | None:
    """Creates the interview, or returns None after adding the errors to the form."""
    try:
        return interview_create(
            application=application,
            actor=Actor(user=signed_in_user(request), source="page"),
            **form.plan(),
        )
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            form.add_error(FORM_FIELDS.get(name, name), reasons)
        return None


def _conflicts(request: HttpRequest, application: Application) -> list[ConflictShown]:
    """The other records with a contact of the candidate, as far as the user sees them."""
    found = undecided_conflicts(request.user).select_related("campaign", "by")
    person = application.candidate_id
    return conflicts_shown(list(found.filter(Q(record=person) | Q(known=person))), request.user)


def _show_form(
    request: HttpRequest, application: Application, form: ScheduleForm, *, status: int = 200
) -> HttpResponse:
    with timezone.override(ZoneInfo(application.job.campaign.time_zone)):
        slot = form.slot()
        chosen = {str(value) for value in form["interviewers"].value() or ()}
        context = {
            "application": application,
            "interviews": application.interviews.select_related("round", "room"),
            "conflicts": _conflicts(request, application),
            "form": form,
            "slot": slot,
            "rooms": room_availability(form.rooms, slot),
            "people": [
                one | {"is_chosen": str(one["id"]) in chosen}
                for one in interviewer_availability(slot, form.zone)
            ],
        }
        return render(request, "interview/schedule.html", context, status=status)
