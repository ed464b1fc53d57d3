"""Campaigns, jobs, candidates and applications over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from jobs.api.filters import ApplicationFilter, CampaignFilter, CandidateFilter, JobFilter
from jobs.api.permissions import IsCoordinator, IsCoordinatorOrReadOnly
from jobs.api.serializers import (
    ApplicationDetailSerializer,
    ApplicationSerializer,
    CampaignSerializer,
    CandidateSerializer,
    JobSerializer,
    MoveSerializer,
    NewApplicationSerializer,
    NewCandidateSerializer,
)
from jobs.applications import services as application_services
from jobs.candidates import services as candidate_services
from jobs.candidates.permissions import require_change
from jobs.coordinators import signed_in_user
from jobs.models import Application, ApplicationEvent, Campaign, Candidate, Job
from jobs.models.applications import ApplicationQuerySet
from jobs.models.campaigns import CampaignQuerySet
from jobs.models.candidates import CandidateQuerySet
from jobs.models.openings import JobQuerySet
from jobs.openings import services as opening_services
from realtime.http.idempotency import IdempotentView

NO_REPLACEMENT = ["get", "post", "patch", "head", "options"]
"""Rows are updated by PATCH and never replaced or deleted."""


class CampaignViewSet(
    IdempotentView,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    GenericViewSet[Campaign],
):
    """The campaigns that the user coordinates."""

    queryset = Campaign.objects.none()
    serializer_class = CampaignSerializer
    permission_classes = [IsCoordinatorOrReadOnly]
    http_method_names = NO_REPLACEMENT
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,60}"
    filterset_class = CampaignFilter

    def get_queryset(self) -> CampaignQuerySet:
        found = Campaign.objects.coordinated_by(self.request.user)
        return found.order_by("-is_open", "-starts_on", "name", "pk")

    def perform_create(self, serializer: serializers.BaseSerializer[Campaign]) -> None:
        by: Any = self.request.user
        if not by.has_perm("jobs.add_campaign"):
            raise PermissionDenied
        serializer.instance = opening_services.campaign_create(by=by, **serializer.validated_data)

    def perform_update(self, serializer: serializers.BaseSerializer[Campaign]) -> None:
        assert serializer.instance is not None, "an update has something to change"
        serializer.instance = opening_services.campaign_update(
            campaign=serializer.instance, **serializer.validated_data
        )


class JobViewSet(
    IdempotentView,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    GenericViewSet[Job],
):
    """The jobs of the user's campaigns, published or not."""

    queryset = Job.objects.none()
    serializer_class = JobSerializer
    permission_classes = [IsCoordinatorOrReadOnly]
    http_method_names = NO_REPLACEMENT
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = JobFilter

    def get_queryset(self) -> JobQuerySet:
        return Job.objects.visible_to(self.request.user).select_related("campaign")

    def perform_create(self, serializer: serializers.BaseSerializer[Job]) -> None:
        serializer.instance = opening_services.job_create(**serializer.validated_data)

    def perform_update(self, serializer: serializers.BaseSerializer[Job]) -> None:
        assert serializer.instance is not None, "an update has something to change"
        serializer.instance = opening_services.job_update(
            job=serializer.instance, **serializer.validated_data
        )


class CandidateViewSet(
    IdempotentView, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Candidate]
):
    """Candidates of the coordinator's campaigns, and candidates in no campaign yet."""

    queryset = Candidate.objects.none()
    serializer_class = CandidateSerializer
    permission_classes = [IsCoordinator]
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = CandidateFilter

    def get_queryset(self) -> CandidateQuerySet:
        user = self.request.user
        applications = Application.objects.visible_to(user).select_related("job__campaign")
        return Candidate.objects.visible_to(user).prefetch_related(
            Prefetch("campaigns", Campaign.objects.coordinated_by(user)),
            Prefetch("applications", applications),
        )

    @extend_schema(request=NewCandidateSerializer, responses={201: CandidateSerializer})
    def create(self, request: Request) -> Response:
        """Creates a candidate. Mobile and e-mail must not belong to another candidate."""
        entry = NewCandidateSerializer(data=request.data, context=self.get_serializer_context())
        entry.is_valid(raise_exception=True)
        by = signed_in_user(request)
        candidate = candidate_services.candidate_create(by=by, **entry.validated_data)
        return self._shown(candidate, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes fields of a candidate, all of whose campaigns the user coordinates."""
        candidate, by = self.get_object(), signed_in_user(request)
        require_change(by, candidate)
        entry = self.get_serializer(candidate, data=request.data, partial=True)
        entry.is_valid(raise_exception=True)
        candidate_services.candidate_update(candidate=candidate, by=by, **entry.validated_data)
        return self._shown(candidate)

    def _shown(self, candidate: Candidate, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=candidate.pk)
        return Response(self.get_serializer(fresh).data, status=code)


class ApplicationViewSet(
    IdempotentView, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Application]
):
    """The applications in the user's campaigns, with their stages."""

    queryset = Application.objects.none()
    serializer_class = ApplicationSerializer
    permission_classes = [IsCoordinatorOrReadOnly]
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = ApplicationFilter

    def get_queryset(self) -> ApplicationQuerySet:
        visible = Application.objects.visible_to(self.request.user)
        return visible.select_related("candidate", "job__campaign")

    @extend_schema(responses=ApplicationDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Returns an application with its history."""
        return self._shown(self.get_object())

    @extend_schema(request=NewApplicationSerializer, responses={201: ApplicationDetailSerializer})
    def create(self, request: Request) -> Response:
        """Creates an application; a candidate can apply for a job only once."""
        entry = NewApplicationSerializer(data=request.data, context=self.get_serializer_context())
        entry.is_valid(raise_exception=True)
        by: Any = request.user
        created = application_services.application_create(by=by, **entry.validated_data)
        return self._shown(created, status.HTTP_201_CREATED)

    @extend_schema(request=MoveSerializer, responses=ApplicationDetailSerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def move(self, request: Request, pk: str) -> Response:
        """Moves an application to another stage."""
        application = self.get_object()
        entry = MoveSerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        by: Any = request.user
        asked = entry.validated_data
        moved = application_services.application_move(
            application=application,
            to=asked["stage"],
            version=asked["version"],
            by=by,
            reason=asked["reason"],
        )
        return self._shown(moved)

    def _shown(self, application: Application, code: int = status.HTTP_200_OK) -> Response:
        events = Prefetch("events", ApplicationEvent.objects.select_related("by"))
        fresh = self.get_queryset().prefetch_related(events).get(pk=application.pk)
        return Response(ApplicationDetailSerializer(fresh).data, status=code)
