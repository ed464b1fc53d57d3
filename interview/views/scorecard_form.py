"""The scorecard forms: a score for each criterion, a recommendation, strengths and concerns."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, Scorecard
from interview.models.labels import BANDS, localized_name

Recommendation = Scorecard.Recommendation
PREFIX = "score_"


class ScorecardForm(forms.Form):
    """A scorecard. A draft may be incomplete; with `is_final`, scores and recommendation are
    required.
    """

    recommendation = forms.ChoiceField(
        label=_("Recommendation"),
        choices=Recommendation.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    strengths = forms.CharField(
        label=_("Strengths"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What did you see or hear that speaks for this candidate?"),
    )
    concerns = forms.CharField(
        label=_("Concerns"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What should the next interviewer look into?"),
    )
    use_required_attribute = False

    def __init__(
        self, interview: Interview, card: Scorecard | None, data: Any = None, *, is_final: bool
    ) -> None:
        super().__init__(data, initial=_entries_of(card))
        self.criteria = list(interview.round.criteria.all())
        for criterion in self.criteria:
            self.fields[f"{PREFIX}{criterion.pk}"] = forms.TypedChoiceField(
                label=localized_name(criterion),
                choices=list(BANDS.items()),
                coerce=int,
                empty_value=None,
                required=is_final,
                widget=forms.RadioSelect,
                error_messages={"required": _("Score every criterion from 1 to 5.")},
            )
        self.fields["recommendation"].required = is_final
        self.fields["recommendation"].error_messages["required"] = _("Choose a recommendation.")

    def score_fields(self) -> list[forms.BoundField]:
        return [self[f"{PREFIX}{criterion.pk}"] for criterion in self.criteria]

    def entries(self) -> dict[str, Any]:
        """Returns the arguments of `scorecard_save`."""
        values = self.cleaned_data
        scores = {c.pk: values.get(f"{PREFIX}{c.pk}") for c in self.criteria}
        return {
            "scores": {pk: score for pk, score in scores.items() if score is not None},
            "recommendation": values.get("recommendation", ""),
            "strengths": values.get("strengths", ""),
            "concerns": values.get("concerns", ""),
        }


class AmendForm(ScorecardForm):
    """A submitted scorecard with a reason for the change."""

    reason = forms.CharField(
        label=_("Reason for the change"),
        max_length=300,
        help_text=_(
            "Kept with the previous version. Everybody who can read the scorecard sees it."
        ),
        error_messages={"required": _("Enter a reason.")},
    )

    def entries(self) -> dict[str, Any]:
        """Returns the arguments of `scorecard_amend`."""
        return super().entries() | {"reason": self.cleaned_data["reason"]}


def _entries_of(card: Scorecard | None) -> dict[str, Any]:
    if card is None:
        return {}
    scores = {f"{PREFIX}{score.criterion_id}": score.score for score in card.scores.all()}
    return scores | {
        "recommendation": card.recommendation,
        "strengths": card.strengths,
        "concerns": card.concerns,
    }
