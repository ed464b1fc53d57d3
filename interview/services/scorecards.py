"""Scorecards: save a draft, submit, or report absence."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, Scorecard, ScorecardScore
from interview.models.states import SCORABLE, Status
from interview.rules.pending_scorecards import has_scorecard, missing_from
from interview.services.interview_day import notify_if_no_assessor
from interview.services.transitions import Actor, apply_transition, lock_interview


@transaction.atomic
def scorecard_save(
    *,
    interview_id: int,
    interviewer: User,
    scores: Mapping[int, int],
    recommendation: str,
    strengths: str,
    concerns: str,
    is_final: bool,
    actor: Actor,
) -> Scorecard:
    """Save a draft, or submit it if `is_final`.

    The last missing scorecard completes an interview that has ended. scores: criterion id → 1 to 5.
    Raises ValidationError by field if the person is not an interviewer of the interview, has
    already submitted, or submits without a recommendation or without all scores.
    """
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    if interviewer.pk not in [a.interviewer_id for a in interview.assignment_list()]:
        raise ValidationError({"interviewer": _("You are not an interviewer of this interview.")})
    if interview.status not in SCORABLE:
        raise ValidationError(
            {"status": _("You can fill in the scorecard once the candidate has arrived.")}
        )
    card, _created = Scorecard.objects.get_or_create(interview=interview, interviewer=interviewer)
    if card.state == Scorecard.State.SUBMITTED:
        raise ValidationError({"state": _("This scorecard has already been submitted.")})
    if is_final:
        check_complete(interview, scores, recommendation)
        card.state, card.submitted_at = Scorecard.State.SUBMITTED, timezone.now()
    else:
        card.state = Scorecard.State.DRAFT
    card.recommendation, card.strengths, card.concerns = recommendation, strengths, concerns
    card.full_clean()
    card.save()
    save_scores(card, scores)
    if is_final:
        _complete_if_none_missing(interview, actor)
    return card


@transaction.atomic
def scorecard_dismiss(*, interview_id: int, version: int, actor: Actor) -> Interview:
    """Record that this interviewer did not attend: no scorecard is expected from them.

    They may not read other scorecards either. Saving a scorecard later reverses this. If no
    scorecard is left to expect, the coordinators are notified. Raises ValidationError on
    `interviewer` for other people, and on `state` if the scorecard was submitted or dismissed.
    """
    interview = lock_interview(interview_id, version=version, action="not-attended")
    if actor.user is None or actor.user.pk not in [
        a.interviewer_id for a in interview.assignment_list()
    ]:
        raise ValidationError({"interviewer": _("You are not an interviewer of this interview.")})
    card, _created = Scorecard.objects.get_or_create(interview=interview, interviewer=actor.user)
    if card.state in Scorecard.State.settled():
        raise ValidationError({"state": _("Your scorecard is no longer expected.")})
    card.state = Scorecard.State.DISMISSED
    card.save()
    apply_transition(interview, action="not-attended", actor=actor)
    _complete_if_none_missing(interview, actor)
    notify_if_no_assessor(interview)
    return interview


def check_complete(interview: Interview, scores: Mapping[int, int], recommendation: str) -> None:
    missing = [c for c in interview.round.criteria.all() if c.pk not in scores]
    if missing:
        raise ValidationError(
            {f"score_{c.pk}": _("Score every criterion from 1 to 5.") for c in missing}
        )
    if recommendation not in Scorecard.Recommendation.values:
        raise ValidationError({"recommendation": _("Choose a recommendation.")})


def save_scores(card: Scorecard, scores: Mapping[int, int]) -> None:
    criteria = {c.pk for c in card.interview.round.criteria.all()}
    rows = [
        ScorecardScore(scorecard=card, criterion_id=criterion_id, score=score)
        for criterion_id, score in scores.items()
    ]
    for row in rows:
        if row.criterion_id not in criteria or not 1 <= row.score <= 5:
            raise ValidationError(
                {f"score_{row.criterion_id}": _("Score every criterion from 1 to 5.")}
            )
    card.scores.all().delete()
    ScorecardScore.objects.bulk_create(rows)


def _complete_if_none_missing(interview: Interview, actor: Actor) -> None:
    is_done = has_scorecard(interview) and not missing_from(interview)
    if is_done and interview.status == Status.FEEDBACK_DUE:
        apply_transition(interview, action="complete", actor=actor)
