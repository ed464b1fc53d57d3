"""The page to amend one's submitted scorecard: requires a reason and keeps the old content."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from interview.models import Interview, Scorecard
from interview.models.time_zones import display_zone
from interview.services import scorecard_amend
from interview.views.request_helpers import own_interview, signed_in_user
from interview.views.scorecard import own_card
from interview.views.scorecard_form import AmendForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the form with the submitted content. Without one, redirects to the draft."""
    user = signed_in_user(request)
    interview = own_interview(user, pk)
    card = own_card(interview, user)
    if card is None or card.state != Scorecard.State.SUBMITTED:
        return redirect("scorecard", pk)
    sent = request.POST if request.method == "POST" else None
    with timezone.override(display_zone(user, interview.campaign.time_zone)):
        return _answer(request, interview, AmendForm(interview, card, sent, is_final=True))


def _answer(request: HttpRequest, interview: Interview, form: AmendForm) -> HttpResponse:
    if form.is_bound and form.is_valid() and _amended(request, interview, form):
        messages.success(request, _("Scorecard updated."))
        return redirect("scorecard", interview.pk)
    context = {
        "interview": interview,
        "candidate": interview.application.candidate,
        "form": form,
    }
    status = 400 if form.is_bound else 200
    return render(request, "interview/scorecard_amend.html", context, status=status)


def _amended(request: HttpRequest, interview: Interview, form: AmendForm) -> bool:
    try:
        scorecard_amend(
            interview_id=interview.pk, interviewer=signed_in_user(request), **form.entries()
        )
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            form.add_error(name if name in form.fields else None, reasons)
        return False
    return True
