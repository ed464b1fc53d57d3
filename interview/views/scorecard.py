"""The page of one's own scorecard: save a draft, review it, submit it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from interview.models import Interview, Scorecard
from interview.models.labels import BANDS, localized_name
from interview.models.states import SCORABLE
from interview.models.time_zones import display_zone
from interview.rules.permissions import allowed_actions
from interview.services import scorecard_save
from interview.services.transitions import Actor
from interview.views.request_helpers import own_interview, signed_in_user
from interview.views.scorecard_form import ScorecardForm
from interview.views.timeline import amendments_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the form of the user's scorecard, or its content once submitted."""
    user = signed_in_user(request)
    interview = own_interview(user, pk)
    with timezone.override(display_zone(user, interview.campaign.time_zone)):
        return _answer(request, interview, own_card(interview, user))


def _answer(request: HttpRequest, interview: Interview, card: Scorecard | None) -> HttpResponse:
    if request.method == "POST":
        return _save(request, interview, card)
    if card is not None and (card.state == Scorecard.State.SUBMITTED or "review" in request.GET):
        return _show_summary(request, interview, card)
    return _show_form(request, interview, ScorecardForm(interview, card, is_final=False))


def own_card(interview: Interview, user: User) -> Scorecard | None:
    cards = Scorecard.objects.filter(interview=interview, interviewer=user)
    return cards.prefetch_related("scores__criterion").first()


def _save(request: HttpRequest, interview: Interview, card: Scorecard | None) -> HttpResponse:
    """Saves the posted form. `do` is the button: "draft", "review", or "submit" after a review."""
    intent, here = request.POST.get("do", "draft"), reverse("scorecard", args=[interview.pk])
    data = _as_posted(ScorecardForm(interview, card, is_final=True)) if intent == "submit" else None
    form = ScorecardForm(interview, card, data or request.POST, is_final=intent != "draft")
    if not form.is_valid():
        return _show_form(request, interview, form, status=400)
    try:
        scorecard_save(
            interview_id=interview.pk,
            interviewer=signed_in_user(request),
            is_final=intent == "submit",
            actor=Actor(user=signed_in_user(request), source="page"),
            **form.entries(),
        )
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            form.add_error(name if name in form.fields else None, reasons)
        return _show_form(request, interview, form, status=400)
    if intent == "review":
        return redirect(f"{here}?review=1")
    is_draft = intent == "draft"
    messages.success(request, _("Draft saved.") if is_draft else _("Scorecard submitted."))
    return redirect(here if is_draft else "me")


def _as_posted(form: ScorecardForm) -> dict[str, Any]:
    """Returns the saved draft as form data, so that exactly what was reviewed is submitted."""
    return {name: value for name, value in form.initial.items() if value is not None}


def _show_form(
    request: HttpRequest, interview: Interview, form: ScorecardForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "interview": interview,
        "candidate": interview.application.candidate,
        "form": form,
        "is_open": interview.status in SCORABLE,
        "owes": "not-attended" in allowed_actions(signed_in_user(request), interview),
    }
    return render(request, "interview/scorecard.html", context, status=status)


def _show_summary(request: HttpRequest, interview: Interview, card: Scorecard) -> HttpResponse:
    """Shows the whole scorecard, for review before submitting or after it was submitted."""
    context = {
        "interview": interview,
        "candidate": interview.application.candidate,
        "card": card,
        "is_submitted": card.state == Scorecard.State.SUBMITTED,
        "scores": scores_in_words(card),
        "amendments": amendments_of([card], interview)[card.pk],
    }
    return render(request, "interview/scorecard_summary.html", context)


def scores_in_words(card: Scorecard) -> list[dict[str, Any]]:
    """Returns each criterion with its score and the text of its band, in the round's order."""
    scores = sorted(card.scores.all(), key=lambda score: score.criterion.position)
    return [
        {"name": localized_name(score.criterion), "score": score.score, "band": BANDS[score.score]}
        for score in scores
    ]
