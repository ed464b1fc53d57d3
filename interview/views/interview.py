"""The page of one interview: details, timeline, and a form for each permitted action."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import ValidationError as PayloadError

from interview.live.rows import current_forecast
from interview.models import Interview
from interview.models.labels import EVENTS, FLAGS
from interview.models.states import WAITING
from interview.models.time_zones import display_zone, is_in_other_zone, preferred_zone
from interview.notifications.history import delivery_history
from interview.rules.flags import current_flags
from interview.rules.permissions import assignment_of, is_coordinator, may_read_resume, may_resend
from interview.services import StaleVersion, actions, deliveries_resend
from interview.services.contacts import Contact, contacts_look_up
from interview.services.undo import told_of_undone, undoable_event
from interview.views.action_forms import DANGEROUS, ActionForm, errors_by_field, form_for
from interview.views.request_helpers import interview_for, redirect_target, signed_in_user
from interview.views.timeline import TimelineEntry, interviewers_of, timeline_of


@login_required
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the interview; with `?contacts=shown` also how to reach its people, as audited."""
    interview = interview_for(signed_in_user(request), pk)
    contacts = _contacts(interview, signed_in_user(request)) if "contacts" in request.GET else ()
    return _render(request, interview, contacts=contacts)


def _contacts(interview: Interview, user: User) -> Sequence[Contact]:
    """Raises PermissionDenied."""
    found = contacts_look_up(interview=interview, by=user)
    return [found.candidate, *found.interviewers]


@login_required
@require_POST
def perform(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Performs an action posted as a form.

    Answers 400 with the errors if the action is refused, 409 with the changes if the posted version
    is stale; nothing has changed then.
    """
    if action not in actions.ACTIONS:
        raise Http404
    user = signed_in_user(request)
    before = interview_for(user, pk)
    try:
        with timezone.override(display_zone(user, before.campaign.time_zone)):
            interview = actions.perform(
                action=action, interview_id=pk, by=user, source="page", data=request.POST
            )
    except Interview.DoesNotExist:
        raise Http404 from None
    except StaleVersion:
        return _show_stale(request, pk)
    except (ValidationError, PayloadError) as error:
        form = form_for(action, before, user, data=request.POST)
        form.add_errors(errors_by_field(error))
        return _render(request, before, refused=form, status=400)
    messages.success(request, _done_text(interview, action))
    if not Interview.objects.visible_to(user).filter(pk=pk).exists():
        return redirect("me")  # the interviewer has declined
    return redirect(redirect_target(request, interview))


def _done_text(interview: Interview, action: str) -> str:
    told = told_of_undone(interview) if action == "undo" else []
    if not told:
        return str(EVENTS[action])
    return _("Undone. Already told: %(names)s.") % {"names": _(", ").join(told)}


@login_required
@require_POST
def send_again(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Sends one message of the interview again. Raises Http404 if the user may not resend."""
    user = signed_in_user(request)
    interview = interview_for(user, pk)
    if not may_resend(user, interview):
        raise Http404
    done = deliveries_resend(deliveries=[get_object_or_404(interview.deliveries, pk=message)])
    if done.again:
        messages.success(request, _("The message is being sent again."))
    elif done.superseded:
        messages.warning(request, _("Not sent again: a newer message has replaced it."))
    else:
        messages.warning(request, _("This message is already being sent."))
    return redirect("interview", pk)


def _show_stale(request: HttpRequest, pk: int) -> HttpResponse:
    interview = interview_for(signed_in_user(request), pk)
    seen = request.POST.get("version", "0")
    since = [step for step in timeline_of(interview) if step.event.version > int(seen)]
    return _render(request, interview, changes=since, is_stale=True, status=409)


def _render(
    request: HttpRequest,
    interview: Interview,
    *,
    refused: ActionForm | None = None,
    changes: Sequence[TimelineEntry] = (),
    contacts: Sequence[Contact] = (),
    is_stale: bool = False,
    status: int = 200,
) -> HttpResponse:
    user = signed_in_user(request)
    with timezone.override(display_zone(user, interview.campaign.time_zone)):
        context = _context(interview, user, refused)
        context |= {"changes": changes, "is_stale": is_stale, "contacts": contacts}
        return render(request, "interview/interview.html", context, status=status)


def _offered(interview: Interview, user: User) -> list[str]:
    """Returns the permitted actions, without the response already given; dangerous ones last."""
    part = assignment_of(user, interview)
    given = {"accepted": "accept", "declined": "decline"}.get(part.response, "") if part else ""
    offered = [name for name in actions.allowed(user, interview) if name != given]
    return sorted(offered, key=DANGEROUS.__contains__)


def _context(interview: Interview, user: User, refused: ActionForm | None) -> dict[str, Any]:
    forecast = current_forecast([interview])
    flags = current_flags(interview, forecast)
    offered = _offered(interview, user)
    forms = [
        refused if refused and refused.action == name else form_for(name, interview, user)
        for name in offered
        if name != "undo"
    ]
    if refused and refused.action not in offered:
        refused.fields.clear()  # the action is no longer permitted: show only its errors
    steps = timeline_of(interview)
    undoable = undoable_event(interview) if "undo" in offered else None
    coordinates = is_coordinator(user, interview.campaign_id)
    messages_out = delivery_history(interview) if coordinates else []
    is_ahead = interview.status in WAITING
    return {
        "interview": interview,
        "own_zone": preferred_zone(user),
        "is_in_other_zone": is_in_other_zone(
            user, interview.campaign.time_zone, at=interview.starts_at
        ),
        "is_coordinator": coordinates,
        "messages_out": messages_out,
        "is_unreachable": coordinates and is_ahead and not interview.application.candidate.email,
        "went_elsewhere": is_ahead and any(one.went_elsewhere for one in messages_out),
        "may_resend": may_resend(user, interview),
        "candidate": interview.application.candidate,
        "may_read_resume": may_read_resume(user, interview),
        "flags": [FLAGS[name] for name in flags],
        "expected_at": forecast.expected_starts.get(interview.pk),
        "people": interviewers_of(interview, user),
        "steps": steps[::-1],
        "undo": next((step for step in steps if step.event == undoable), None),
        "forms": forms,
        "refused": refused,
    }
