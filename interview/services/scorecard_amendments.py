"""A submitted scorecard can be corrected, by who wrote it, with a reason, and leaves a trail."""

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
    """Change what one has submitted; what is None stays, and so does a score that is not given.

    scores: criterion id → 1…5. Raises ValidationError by field, on `state` if nothing has been
    submitted, on `reason` if none is given or nothing would be different.
    """
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    cards = interview.scorecards.filter(interviewer=interviewer, state=Scorecard.State.SUBMITTED)
    card = cards.first()
    if card is None:
        raise ValidationError({"state": _("You have submitted no scorecard here.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    before, had = _kept(card, interviewer, reason), _scores_of(card)
    now = {**had, **(scores or {})}
    asked = {"recommendation": recommendation, "strengths": strengths, "concerns": concerns}
    texts = {name: value for name, value in asked.items() if value is not None}
    if now == had and all(getattr(card, name) == value for name, value in texts.items()):
        raise ValidationError({"reason": _("Nothing is different from what you submitted.")})
    return _change(card, before, now, texts)


def _change(
    card: Scorecard, before: ScorecardAmendment, scores: Mapping[int, int], texts: Mapping[str, str]
) -> Scorecard:
    for name, value in texts.items():
        setattr(card, name, value)
    check_complete(card.interview, scores, card.recommendation)
    card.full_clean()
    card.save()
    save_scores(card, scores)
    before.full_clean()
    before.save()
    return card


def _scores_of(card: Scorecard) -> dict[int, int]:
    return dict(card.scores.values_list("criterion", "score"))


def _kept(card: Scorecard, by: User, reason: str) -> ScorecardAmendment:
    """What it says until now."""
    said: Any = dict(card.scores.values_list("criterion__key", "score"))
    return ScorecardAmendment(
        scorecard=card,
        by=by,
        reason=reason.strip(),
        scores=said,
        recommendation=card.recommendation,
        strengths=card.strengths,
        concerns=card.concerns,
    )
