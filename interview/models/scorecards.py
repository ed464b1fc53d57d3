"""Scorecards: each interviewer's assessment of a candidate, and its amendments."""

from __future__ import annotations

from typing import Any, overload

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interview.models.interview_records import InterviewRecord
from interview.models.interviews import AnyInterview, Interview
from interview.models.rounds import Criterion
from realtime.tracking import TrackedQuerySet


class Scorecard(models.Model):
    """One interviewer's assessment in one interview.

    Interviewers cannot read other scorecards before they submit their own.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        DISMISSED = "dismissed", _("Did not attend")

        @classmethod
        def settled(cls) -> frozenset[str]:
            """The states in which no further work is expected from the interviewer."""
            return frozenset({cls.SUBMITTED, cls.DISMISSED})

    class Recommendation(models.TextChoices):
        STRONG_NO = "strong_no", pgettext_lazy("recommendation", "Strong no")
        NO = "no", pgettext_lazy("recommendation", "No")
        YES = "yes", pgettext_lazy("recommendation", "Yes")
        STRONG_YES = "strong_yes", pgettext_lazy("recommendation", "Strong yes")

    interview = models.ForeignKey(
        Interview, models.CASCADE, related_name="scorecards", verbose_name=_("interview")
    )
    interviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="scorecards",
        verbose_name=_("interviewer"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    recommendation = models.CharField(
        _("recommendation"), max_length=10, choices=Recommendation.choices, blank=True
    )
    strengths = models.TextField(_("strengths"), blank=True)
    concerns = models.TextField(_("concerns"), blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TrackedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "interviewer"], name="one_scorecard_per_interviewer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interviewer} · {self.interview_id}"


class ScorecardScore(models.Model):
    """One criterion's score, 1 to 5."""

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, related_name="+", verbose_name=_("criterion")
    )
    score = models.PositiveSmallIntegerField(
        _("score"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            models.UniqueConstraint(
                fields=["scorecard", "criterion"], name="one_score_per_criterion"
            )
        ]

    def __str__(self) -> str:
        return str(self.score)


class ScorecardAmendment(models.Model):
    """The previous content of a submitted scorecard, and the reason for the change."""

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="amendments")
    at = models.DateTimeField(_("time"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    scores = models.JSONField(_("scores"), default=dict, help_text=_("Scores by criterion key."))
    recommendation = models.CharField(
        _("recommendation"), max_length=10, choices=Scorecard.Recommendation.choices
    )
    strengths = models.TextField(_("strengths"), blank=True)
    concerns = models.TextField(_("concerns"), blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")

    def __str__(self) -> str:
        return f"{self.scorecard_id} · {self.at:%Y-%m-%d %H:%M}"


@overload
def scorecards_of(interview: Interview) -> list[Scorecard]: ...
@overload
def scorecards_of(interview: AnyInterview) -> list[Any]: ...
def scorecards_of(interview: AnyInterview) -> list[Any]:
    """Returns the scorecards of an interview.

    Takes no query for records, nor for interviews of `for_rows()`.
    """
    if isinstance(interview, InterviewRecord):
        return interview.scorecards
    loaded: list[Scorecard] | None = interview.__dict__.get("loaded_scorecards")
    return list(interview.scorecards.all()) if loaded is None else loaded
