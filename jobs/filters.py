"""What lists can be asked for. A value that no row can have is refused with the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django_filters import rest_framework as filters

from jobs.models import Application, Campaign, Candidate, Job
from jobs.querysets import CandidateQuerySet

LARGEST_ID = 2**63 - 1


class IdFilter(filters.Filter):
    """A whole number, as ids are."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=LARGEST_ID, **kwargs)


class JobFilter(filters.FilterSet):
    campaign = filters.CharFilter(field_name="campaign__slug")
    kind = filters.ChoiceFilter(choices=Job.Kind.choices)
    is_published = filters.BooleanFilter()

    class Meta:
        model = Job
        fields: list[str] = []


class CandidateFilter(filters.FilterSet):
    search = filters.CharFilter(method="matching", max_length=100)
    campaign = filters.CharFilter(method="within")

    class Meta:
        model = Candidate
        fields: list[str] = []

    def matching(self, found: CandidateQuerySet, name: str, text: str) -> CandidateQuerySet:
        return found.search(text)

    def within(self, found: CandidateQuerySet, name: str, slug: str) -> CandidateQuerySet:
        campaigns = Campaign.objects.coordinated_by(self.request.user)
        return found.filter(campaigns__in=campaigns.filter(slug=slug))


class ApplicationFilter(filters.FilterSet):
    campaign = filters.CharFilter(field_name="job__campaign__slug")
    job = IdFilter(field_name="job_id")
    candidate = IdFilter(field_name="candidate_id")
    stage = filters.MultipleChoiceFilter(choices=Application.Stage.choices)

    class Meta:
        model = Application
        fields: list[str] = []
