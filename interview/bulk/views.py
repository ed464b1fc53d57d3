"""Bulk planning: choose, propose, adjust, have it made, take it back."""

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
from interview.bulk.forms import BulkFrameForm, BulkLineForm
from interview.bulk.plan_page import context_of
from interview.bulk.selection import chosen_from
from interview.models import BulkLine, BulkPlan
from interview.views.request_helpers import person
from jobs.coordinators import coordinated_campaigns
from jobs.models import Application

PLANS_SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plans_page(request: HttpRequest) -> HttpResponse:
    """The plans of one's campaigns; POST seeks a proposal for the chosen applications."""
    coordinated_campaigns(request.user)
    if request.method == "POST":
        return _propose_for(request, chosen_from(request, person(request)))
    visible = BulkPlan.objects.visible_to(request.user)
    shown = visible.select_related("campaign", "round", "owner", "task")[:PLANS_SHOWN]
    return render(request, "interview/bulk/plans.html", {"plans": shown})


def _propose_for(request: HttpRequest, chosen: list[Application]) -> HttpResponse:
    """Ask for the frame, or with `do=propose` make the plan."""
    problem = _unfit(chosen)
    if problem:
        messages.error(request, problem)
        return redirect("applications")
    campaign = chosen[0].job.campaign
    if request.POST.get("do") != "propose":
        return _ask_frame(request, chosen, BulkFrameForm(campaign))
    form = BulkFrameForm(campaign, request.POST)
    if form.is_valid():
        try:
            plan = plans.bulk_plan_create(
                campaign=campaign,
                owner=person(request),
                applications=chosen,
                **form.frame(),
            )
            return redirect("bulk_plan", plan.pk)
        except ValidationError as refused:
            for name, reasons in refused.message_dict.items():
                form.add_error(name if name in form.fields else None, reasons)
    return _ask_frame(request, chosen, form, status=400)


def _unfit(chosen: list[Application]) -> str:
    """Why no frame can be asked for, or nothing."""
    if not chosen:
        return _("Choose at least one application.")
    if len({one.job.campaign_id for one in chosen}) > 1:
        return _("All of them must be of one campaign.")
    if len(chosen) > plans.LINES_AT_MOST:
        return _("At most %(number)d at once.") % {"number": plans.LINES_AT_MOST}
    return ""


def _ask_frame(
    request: HttpRequest, chosen: list[Application], form: BulkFrameForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "applications": chosen,
        "ids": ",".join(str(one.pk) for one in chosen),
        "campaign": chosen[0].job.campaign,
    }
    return render(request, "interview/bulk/frame.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD"])
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A proposal as it stands now. `line` opens one line to be adjusted."""
    plan = _plan_for(request, pk)
    opened = request.GET.get("line", "")
    line = plan.lines.filter(pk=int(opened)).first() if _is_id(opened) else None
    form = BulkLineForm(_with(plan, line)) if line and line.interview_id is None else None
    return _show(request, plan, line if form else None, form)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _with(plan: BulkPlan, line: BulkLine) -> BulkLine:
    line.plan = plan
    return line


def _plan_for(request: HttpRequest, pk: int) -> BulkPlan:
    visible = BulkPlan.objects.visible_to(person(request))
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
        context = context_of(plan) | {"opened": line and line.pk, "form": form}
        return render(request, "interview/bulk/plan.html", context, status=status)


@login_required
@require_POST
def change_line(request: HttpRequest, pk: int, line_id: int) -> HttpResponse:
    """Another place for one line, or one of `lock`, `unlock`, `leave_out`, `take_in`."""
    plan = _plan_for(request, pk)
    line = _with(plan, get_object_or_404(plan.lines, pk=line_id))
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
    except (ValidationError, plans.StalePlan) as refused:
        messages.error(request, _words(refused))
    return HttpResponseRedirect(f"{redirect('bulk_plan', plan.pk)['Location']}#line-{line.pk}")


SWITCHES: dict[str, dict[str, Any]] = {
    "lock": {"is_locked": True},
    "unlock": {"is_locked": False},
    "leave_out": {"is_left_out": True, "is_locked": False},
    "take_in": {"is_left_out": False},
}


@login_required
@require_POST
def do(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Propose again, have it made, or take it back."""
    plan, by = _plan_for(request, pk), person(request)
    known = {"plan_id": plan.pk, "version": _version(request)}
    try:
        match what:
            case "propose":
                plans.bulk_plan_propose(**known)
                messages.success(request, _("Proposed again around what is locked."))
            case "apply":
                start.bulk_plan_start(**known, by=by)
            case "take-back":
                reason = request.POST.get("reason", "")[:300]
                start.bulk_plan_take_back(**known, reason=reason, by=by)
    except (ValidationError, plans.StalePlan) as refused:
        messages.error(request, _words(refused))
    return redirect("bulk_plan", plan.pk)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if _is_id(given) else 0


def _words(refused: ValidationError | plans.StalePlan) -> str:
    if isinstance(refused, plans.StalePlan):
        return _("Somebody has changed this plan meanwhile. This is how it stands now.")
    return " ".join(refused.messages)
