"""The pages of bulk plans: create a proposal, adjust it, schedule its interviews, cancel them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from interview.bulk import plans, start
from interview.bulk.forms import BulkLineForm, BulkPlanForm
from interview.bulk.plan_page import plan_context
from interview.bulk.selection import selected_applications
from interview.models import BulkLine, BulkPlan
from interview.views.request_helpers import signed_in_user
from jobs.coordinators import coordinated_campaigns
from jobs.models import Application

MAX_PLANS = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plans_page(request: HttpRequest) -> HttpResponse:
    """Lists the plans of the user's campaigns. POST creates a plan for the chosen applications."""
    coordinated_campaigns(request.user)
    if request.method == "POST":
        return _propose_for(request, selected_applications(request, signed_in_user(request)))
    visible = BulkPlan.objects.visible_to(request.user)
    shown = visible.select_related("campaign", "round", "owner", "task")[:MAX_PLANS]
    return render(request, "interview/bulk/plans.html", {"plans": shown})


def _propose_for(request: HttpRequest, chosen: list[Application]) -> HttpResponse:
    """Shows the settings form, or creates the plan if `do=propose`."""
    problem = _selection_error(chosen)
    if problem:
        messages.error(request, problem)
        return redirect("applications")
    campaign = chosen[0].job.campaign
    if request.POST.get("do") != "propose":
        return _show_form(request, chosen, BulkPlanForm(campaign))
    form = BulkPlanForm(campaign, request.POST)
    if form.is_valid():
        try:
            plan = plans.bulk_plan_create(
                campaign=campaign,
                owner=signed_in_user(request),
                applications=chosen,
                **form.settings(),
            )
            return redirect("bulk_plan", plan.pk)
        except ValidationError as error:
            for name, reasons in error.message_dict.items():
                form.add_error(name if name in form.fields else None, reasons)
    return _show_form(request, chosen, form, status=400)


def _selection_error(chosen: list[Application]) -> str:
    """Returns why no plan can be created for these applications, or an empty string."""
    if not chosen:
        return _("Choose at least one application.")
    if len({one.job.campaign_id for one in chosen}) > 1:
        return _("Choose applications of one campaign only.")
    if len(chosen) > plans.MAX_LINES:
        return _("Choose at most %(limit)d.") % {"limit": plans.MAX_LINES}
    return ""


def _show_form(
    request: HttpRequest, chosen: list[Application], form: BulkPlanForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "applications": chosen,
        "ids": ",".join(str(one.pk) for one in chosen),
        "campaign": chosen[0].job.campaign,
    }
    return render(request, "interview/bulk/plan_form.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD"])
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows a plan with current conflicts. `?line=<id>` opens the form of that line."""
    plan = _plan_for(request, pk)
    opened = request.GET.get("line", "")
    line = plan.lines.filter(pk=int(opened)).first() if _is_id(opened) else None
    form = BulkLineForm(_attach_plan(plan, line)) if line and line.interview_id is None else None
    return _show(request, plan, line if form else None, form)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _attach_plan(plan: BulkPlan, line: BulkLine) -> BulkLine:
    line.plan = plan
    return line


def _plan_for(request: HttpRequest, pk: int) -> BulkPlan:
    visible = BulkPlan.objects.visible_to(signed_in_user(request))
    return get_object_or_404(visible.select_related("campaign", "round", "owner", "task"), pk=pk)


def _show(
    request: HttpRequest,
    plan: BulkPlan,
    line: BulkLine | None,
    form: BulkLineForm | None,
    *,
    status: int = 200,
) -> HttpResponse:
    with timezone.override(ZoneInfo(plan.campaign.time_zone)):
        context = plan_context(plan) | {"opened": line and line.pk, "form": form}
        return render(request, "interview/bulk/plan.html", context, status=status)


@login_required
@require_POST
def change_line(request: HttpRequest, pk: int, line_id: int) -> HttpResponse:
    """Changes one line: `do` is a key of SWITCHES, or absent when the line's form is posted."""
    plan = _plan_for(request, pk)
    line = _attach_plan(plan, get_object_or_404(plan.lines, pk=line_id))
    change: dict[str, Any] | None = SWITCHES.get(request.POST.get("do", ""))
    form = None
    if change is None:
        form = BulkLineForm(line, request.POST)
        if not form.is_valid():
            return _show(request, plan, line, form, status=400)
        change = form.change()
    try:
        plans.bulk_line_change(
            plan_id=plan.pk, version=_version(request), line_id=line.pk, **change
        )
    except (ValidationError, plans.StalePlan) as error:
        messages.error(request, _error_text(error))
    return HttpResponseRedirect(f"{redirect('bulk_plan', plan.pk)['Location']}#line-{line.pk}")


SWITCHES: dict[str, dict[str, Any]] = {
    "lock": {"is_locked": True},
    "unlock": {"is_locked": False},
    "leave_out": {"is_left_out": True, "is_locked": False},
    "take_in": {"is_left_out": False},
}


@login_required
@require_POST
def perform(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Acts on the whole plan: `propose` again, `apply` (schedule) or `take-back` (cancel)."""
    plan, by = _plan_for(request, pk), signed_in_user(request)
    seen = {"plan_id": plan.pk, "version": _version(request)}
    try:
        match what:
            case "propose":
                plans.bulk_plan_propose(**seen)
                messages.success(
                    request, _("New proposal created. Locked interviews are unchanged.")
                )
            case "apply":
                start.bulk_plan_start(**seen, by=by)
            case "take-back":
                reason = request.POST.get("reason", "")[:300]
                start.bulk_plan_take_back(**seen, reason=reason, by=by)
    except (ValidationError, plans.StalePlan) as error:
        messages.error(request, _error_text(error))
    return redirect("bulk_plan", plan.pk)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if _is_id(given) else 0


def _error_text(error: ValidationError | plans.StalePlan) -> str:
    if isinstance(error, plans.StalePlan):
        return _("Somebody else has changed this plan. This is the current version.")
    return " ".join(error.messages)
