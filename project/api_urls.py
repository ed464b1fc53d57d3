"""URLs of API version 1 and of its OpenAPI and AsyncAPI documents."""

from __future__ import annotations

from typing import NoReturn

from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from interview.api.bulk_plans import BulkPlanViewSet
from interview.api.interviews import InterviewViewSet, UnknownAction
from interview.api.notices import NoticeViewSet
from interview.api.rooms import RoomViewSet
from interview.api.scorecards import ScorecardViewSet
from jobs.api.viewsets import ApplicationViewSet, CampaignViewSet, CandidateViewSet, JobViewSet
from jobs.exports.api import ExportView
from jobs.imports.api import ImportViewSet
from monitoring.audit.api import AuditViewSet
from project.web import api_docs
from realtime.background.api import TaskViewSet
from realtime.sockets.tickets import SocketTicketView

router = SimpleRouter()
router.register("campaigns", CampaignViewSet)
router.register("jobs", JobViewSet)
router.register("candidates", CandidateViewSet)
router.register("applications", ApplicationViewSet)
router.register("imports", ImportViewSet, basename="import")
router.register("rooms", RoomViewSet)
router.register("interviews", InterviewViewSet)
router.register(
    "interviews/(?P<interview>[0-9]{1,18})/scorecards", ScorecardViewSet, basename="scorecard"
)
router.register("bulk-plans", BulkPlanViewSet, basename="bulk-plan")
router.register("notices", NoticeViewSet, basename="notice")
router.register("tasks", TaskViewSet, basename="task")
router.register("audit", AuditViewSet, basename="audit")


@extend_schema(exclude=True)
class ApiNotFound(APIView):
    """Answers unknown API paths with a 404 problem document instead of an HTML page."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> NoReturn:
        super().initial(request, *args, **kwargs)
        raise NotFound


urlpatterns = [
    path("api/v1/socket-tickets/", SocketTicketView.as_view(), name="socket-tickets"),
    path("api/v1/exports/", ExportView.as_view(), name="exports"),
    path("api/v1/", include(router.urls)),
    path("api/v1/interviews/<int:pk>/<slug:name>/", UnknownAction.as_view()),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", api_docs.page, name="api_docs"),
    path("api/asyncapi.yaml", api_docs.asyncapi, name="sockets_schema"),
    re_path("^api/", ApiNotFound.as_view()),
]
