"""Amendments: interviewers correct their submitted scorecard; the old content is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, Scorecard, ScorecardAmendment
from interview.services.scorecards import check_complete, save_scores


@transaction.atomic
def scorecard_amend(
    *,
    interview_id: int,
    interviewer: User,
    reason: str,
    scores: Mapping[int, int] | None = None,
    recommendation: str | None = None,
    strengths: str | None = None,
    concerns: str | None = None,
) -> Scorecard:
    """Change a submitted scorecard. Fields that are None and scores that are not given stay.

    scores: criterion id → 1 to 5. Raises ValidationError by field: on `state` if nothing has been
    submitted, on `reason` if it is empty or nothing would change.
    """
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    cards = interview.scorecards.filter(interviewer=interviewer, state=Scorecard.State.SUBMITTED)
    card = cards.first()
    if card is None:
        raise ValidationError(
            {"state": _("You have not submitted a scorecard for this interview.")}
        )
    if not reason.strip():
        raise ValidationError({"reason": _("Enter a reason.")})
    previous, old_scores = _snapshot(card, interviewer, reason), _scores_of(card)
    new_scores = {**old_scores, **(scores or {})}
    given = {"recommendation": recommendation, "strengths": strengths, "concerns": concerns}
    texts = {name: value for name, value in given.items() if value is not None}
    if new_scores == old_scores and all(
        getattr(card, name) == value for name, value in texts.items()
    ):
        raise ValidationError({"reason": _("You have not changed anything.")})
    return _change(card, previous, new_scores, texts)


def _change(
    card: Scorecard,
    previous: ScorecardAmendment,
    scores: Mapping[int, int],
    texts: Mapping[str, str],
) -> Scorecard:
    for name, value in texts.items():
        setattr(card, name, value)
    check_complete(card.interview, scores, card.recommendation)
    card.full_clean()
    card.save()
    save_scores(card, scores)
    previous.full_clean()
    previous.save()
    return card


def _scores_of(card: Scorecard) -> dict[int, int]:
    return dict(card.scores.values_list("criterion", "score"))


def _snapshot(card: Scorecard, by: User, reason: str) -> ScorecardAmendment:
    """The current content, as an unsaved amendment."""
    scores: Any = dict(card.scores.values_list("criterion__key", "score"))
    return ScorecardAmendment(
        scorecard=card,
        by=by,
        reason=reason.strip(),
        scores=scores,
        recommendation=card.recommendation,
        strengths=card.strengths,
        concerns=card.concerns,
    )
