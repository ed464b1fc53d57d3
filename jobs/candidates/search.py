"""The filters of candidates, for their page and for exports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy

from jobs.models import Application, Campaign
from jobs.models.campaigns import CampaignQuerySet
from jobs.models.candidates import CandidateQuerySet


class CandidateSearch(forms.Form):
    """The filter form. Invalid values are ignored."""

    q = forms.CharField(label=gettext_lazy("Search"), max_length=100, required=False)
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("All campaigns"),
    )
    applied = forms.ChoiceField(
        label=gettext_lazy("Application"),
        required=False,
        choices=[
            ("", gettext_lazy("With or without")),
            ("no", gettext_lazy("None yet")),
            ("yes", gettext_lazy("Has applied")),
        ],
    )

    def __init__(self, *args: Any, campaigns: CampaignQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["campaign"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = campaigns

    def narrow(self, candidates: CandidateQuerySet) -> CandidateQuerySet:
        """Returns the candidates that match every valid filter."""
        self.is_valid()
        found = candidates.search(self.cleaned_data.get("q", ""))
        if campaign := self.cleaned_data.get("campaign"):
            found = found.filter(campaigns=campaign)
        if applied := self.cleaned_data.get("applied"):
            has_applied = Exists(Application.objects.filter(candidate=OuterRef("pk")))
            found = found.filter(has_applied if applied == "yes" else ~has_applied)
        return found

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())
