"""The filters and orderings of the API's lists."""

from __future__ import annotations

from django_filters import rest_framework as filters

from jobs.models import Application, Campaign, Candidate, Job
from jobs.models.candidates import CandidateQuerySet
from jobs.models.imports import ImportRun
from monitoring.http.filters import IdFilter, Ordering, StrictBooleanFilter


class CampaignFilter(filters.FilterSet):
    is_open = StrictBooleanFilter()
    ordering = Ordering("name", "starts_on", "ends_on", "created_at")

    class Meta:
        model = Campaign
        fields: list[str] = []


class JobFilter(filters.FilterSet):
    campaign = filters.CharFilter(field_name="campaign__slug")
    kind = filters.ChoiceFilter(choices=Job.Kind.choices)
    is_published = StrictBooleanFilter()
    ordering = Ordering("title", "city", "headcount", "created_at", "updated_at")

    class Meta:
        model = Job
        fields: list[str] = []


class CandidateFilter(filters.FilterSet):
    search = filters.CharFilter(method="matching", max_length=100)
    campaign = filters.CharFilter(method="within")
    ordering = Ordering("name", "general_score", "written_score", "created_at", "updated_at")

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
    ordering = Ordering("stage", "created_at", "updated_at")

    class Meta:
        model = Application
        fields: list[str] = []


class ImportFilter(filters.FilterSet):
    campaign = filters.CharFilter(field_name="campaign__slug")
    state = filters.MultipleChoiceFilter(choices=ImportRun.State.choices)
    ordering = Ordering("file_name", "created_at", "applied_at")

    class Meta:
        model = ImportRun
        fields: list[str] = []
