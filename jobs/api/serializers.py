"""Serializers of campaigns, jobs, candidates and applications."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from jobs.api.strict_serializer import StrictSerializer
from jobs.candidates.email_hints import hint_for
from jobs.candidates.permissions import foreign_candidate, not_addable
from jobs.models import Application, ApplicationEvent, Campaign, Candidate, Job
from monitoring.http.api_dates import ApiDayField
from realtime.display_names import display_name


class VisibleField(serializers.PrimaryKeyRelatedField[Any]):
    """A related row by id, limited to rows that the user may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pk_field=serializers.IntegerField(min_value=1), **kwargs)

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        request = self.context.get("request")
        return rows.visible_to(request.user) if request else rows


class CampaignField(serializers.SlugRelatedField[Campaign]):
    """A campaign by its slug."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="slug", **kwargs)

    def to_internal_value(self, data: Any) -> Campaign:
        if not isinstance(data, str):
            self.fail("invalid")
        if "\x00" in data:  # PostgreSQL refuses null characters
            self.fail("does_not_exist", slug_name="slug", value=data.replace("\x00", ""))
        campaign: Campaign = super().to_internal_value(data)
        return campaign


class OwnCampaignField(CampaignField):
    """A campaign that the user coordinates, by its slug. It cannot be changed later."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Campaign.objects.all(), **kwargs)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        campaigns = Campaign.objects.all()
        return campaigns.coordinated_by(request.user) if request else campaigns

    def to_internal_value(self, data: Any) -> Campaign:
        campaign = super().to_internal_value(data)
        there: Any = getattr(self.parent, "instance", None)
        if isinstance(there, Model) and there.campaign_id != campaign.pk:  # type: ignore[attr-defined]
            raise serializers.ValidationError(_("You cannot move this to another campaign."))
        return campaign


class CampaignSerializer(StrictSerializer, serializers.ModelSerializer[Campaign]):
    starts_on = ApiDayField(required=False, allow_null=True)
    ends_on = ApiDayField(required=False, allow_null=True)

    class Meta:
        model = Campaign
        fields = [
            "id", "slug", "name", "city", "time_zone", "starts_on", "ends_on", "is_open",
            "created_at",
        ]  # fmt: skip

    def validate_slug(self, slug: str) -> str:
        if self.instance is not None and self.instance.slug != slug:
            raise serializers.ValidationError(_("The address of a campaign cannot be changed."))
        return slug

    def validate_time_zone(self, name: str) -> str:
        if name not in available_timezones():
            raise serializers.ValidationError(_("This time zone does not exist."))
        return name

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = (
            attrs.get(name, getattr(self.instance, name, None)) for name in ("starts_on", "ends_on")
        )
        if first and last and last < first:
            raise serializers.ValidationError(
                {"ends_on": _("The last day cannot be before the first day.")}
            )
        return attrs


class JobSerializer(StrictSerializer, serializers.ModelSerializer[Job]):
    campaign = OwnCampaignField()

    class Meta:
        model = Job
        fields = [
            "id", "campaign", "title", "department", "city", "kind", "headcount",
            "responsibilities", "requirements", "is_published", "is_confidential",
            "created_at", "updated_at",
        ]  # fmt: skip


class CandidateApplication(serializers.ModelSerializer[Application]):
    """An application, nested in its candidate."""

    job_title = serializers.CharField(source="job.title", read_only=True)
    campaign = serializers.SlugField(source="job.campaign.slug", read_only=True)

    class Meta:
        model = Application
        fields = ["id", "job", "job_title", "campaign", "stage", "version"]
        read_only_fields = fields


class CandidateSerializer(StrictSerializer, serializers.ModelSerializer[Candidate]):
    """A candidate, with the campaigns and applications that the user may see."""

    mobile = serializers.CharField(max_length=40, required=False, allow_blank=True)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    email_hint = serializers.SerializerMethodField(
        help_text="A question if the domain looks mistyped, such as `qq.con`; otherwise empty."
    )
    campaigns = serializers.SlugRelatedField[Campaign](slug_field="slug", many=True, read_only=True)
    applications = CandidateApplication(many=True, read_only=True)

    class Meta:
        model = Candidate
        fields = [
            "id", "name", "mobile", "email", "city", "school", "major", "degree",
            "general_score", "written_score", "campaigns", "applications",
            "created_at", "updated_at", "email_hint",
        ]  # fmt: skip

    def get_email_hint(self, candidate: Candidate) -> str:
        return hint_for(candidate.email)


class NewCandidateSerializer(CandidateSerializer):
    """A new candidate, and optionally the campaign they join."""

    campaign = OwnCampaignField(required=False, write_only=True)

    class Meta(CandidateSerializer.Meta):
        fields = [*CandidateSerializer.Meta.fields, "campaign"]


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """An application with its current stage."""

    key = serializers.SerializerMethodField()
    kind = serializers.SerializerMethodField()
    candidate_name = serializers.CharField(source="candidate.name", read_only=True)
    job_title = serializers.CharField(source="job.title", read_only=True)
    campaign = serializers.SlugField(source="job.campaign.slug", read_only=True)

    class Meta:
        model = Application
        fields = [
            "key", "kind", "version", "id", "candidate", "candidate_name", "job", "job_title",
            "campaign", "stage", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_key(self, application: Application) -> str:
        return f"application:{application.pk}"

    def get_kind(self, application: Application) -> str:
        return "application"


class ApplicationEventSerializer(serializers.ModelSerializer[ApplicationEvent]):
    """A stage change in an application's history."""

    by = serializers.SerializerMethodField()
    from_stage = serializers.ChoiceField(choices=Application.Stage.choices, allow_blank=True)

    class Meta:
        model = ApplicationEvent
        fields = ["at", "by", "from_stage", "to_stage", "reason"]
        read_only_fields = fields

    def get_by(self, event: ApplicationEvent) -> str:
        return display_name(event.by) if event.by else ""


class ApplicationDetailSerializer(ApplicationSerializer):
    """An application with its history."""

    events = ApplicationEventSerializer(many=True, read_only=True)

    class Meta(ApplicationSerializer.Meta):
        fields = [*ApplicationSerializer.Meta.fields, "events"]
        read_only_fields = fields


class NewApplicationSerializer(StrictSerializer):
    """A candidate and the job they apply for."""

    candidate = VisibleField(queryset=Candidate.objects.all())
    job = VisibleField(queryset=Job.objects.all())

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        request = self.context["request"]
        if not_addable(request.user, [attrs["candidate"]], attrs["job"].campaign):
            raise serializers.ValidationError({"candidate": foreign_candidate()})
        return attrs


class MoveSerializer(StrictSerializer):
    """The new stage of an application, the version the decision is based on, and the reason."""

    stage = serializers.ChoiceField(choices=Application.Stage.choices)
    version = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


def application_row(application: Application) -> dict[str, Any]:
    """Returns an application as the API shows it in a list."""
    return dict(ApplicationSerializer(application).data)
