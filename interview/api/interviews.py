"""API of interviews: list, create, change, and one URL for each action.

Responses contain the same row that boards show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from interview import services
from interview.api.filters import InterviewFilter
from interview.api.messages import message_parts
from interview.api.serializers import (
    ChangeSerializer,
    ConflictPart,
    ConflictQuery,
    ContactsPart,
    FollowUpSerializer,
    InterviewDetail,
    InterviewRow,
    PlanSerializer,
    SuggestionPart,
    UndoneInterviewRow,
    conflict_rows,
)
from interview.live.rows import current_row, current_rows
from interview.models import Interview, InterviewEvent, Notification
from interview.models.labels import actor_label
from interview.models.querysets import InterviewQuerySet
from interview.rules.limits import UNDO_WITHIN
from interview.rules.permissions import is_coordinator
from interview.services import actions
from interview.services.event_changes import Change, changes_of
from interview.services.transitions import Actor
from interview.services.undo import told_of_undone, undoable_event
from jobs.api.permissions import IsCoordinator
from jobs.api.strict_serializer import reject_unknown_fields
from realtime.display_names import display_name
from realtime.http.idempotency import IdempotentView
from realtime.protocol.server_frames import Row, isoformat


class InterviewViewSet(IdempotentView, GenericViewSet[Interview]):
    """Coordinators: the interviews of their campaigns; interviewers: their own."""

    queryset = Interview.objects.none()
    serializer_class = InterviewRow
    lookup_value_regex = "[0-9]{1,18}"
    filterset_class = InterviewFilter

    def get_queryset(self) -> InterviewQuerySet:
        visible = Interview.objects.visible_to(self.request.user)
        # A list reads the rows of its page by themselves.
        return visible if self.action == "list" else visible.for_rows()

    def get_permissions(self) -> list[Any]:
        if self.action == "create":
            return [IsCoordinator()]
        return list(super().get_permissions())

    def list(self, request: Request) -> Response:
        """Ordered by start."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(current_rows([interview.pk for interview in page]))

    @extend_schema(responses=InterviewDetail)
    def retrieve(self, request: Request, pk: str) -> Response:
        """An interview with its history and the actions that the user may take now."""
        return Response(detail_of(self.get_object(), request.user))

    @extend_schema(request=PlanSerializer, responses={201: InterviewRow})
    def create(self, request: Request) -> Response:
        """Schedule an interview, and notify its interviewers and the candidate."""
        plan = PlanSerializer(data=request.data, context=self.get_serializer_context())
        plan.is_valid(raise_exception=True)
        created = services.interview_create(actor=self._actor(), **plan.validated_data)
        return Response(current_row(created), status=status.HTTP_201_CREATED)

    @extend_schema(request=ChangeSerializer, responses=InterviewRow)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change time or room of an interview; fields that are not given stay."""
        return self._perform("reschedule", reschedule_payload(self.get_object(), request.data))

    @extend_schema(responses=SuggestionPart(many=True))
    @action(detail=True, filter_backends=[], pagination_class=None)
    def suggestions(self, request: Request, pk: str) -> Response:
        """Other interviewers who could take part, the most suitable first."""
        interview = self.get_object()
        if not is_coordinator(request.user, interview.campaign_id):
            raise PermissionDenied
        return Response(services.suggest_interviewers(interview))

    @extend_schema(responses=ContactsPart)
    @action(detail=True, filter_backends=[], pagination_class=None)
    def contacts(self, request: Request, pk: str) -> Response:
        """How to reach candidate and interviewers; for coordinators. The audit log records it."""
        by: Any = request.user
        found = services.contacts_look_up(interview=self.get_object(), by=by)
        return Response(ContactsPart(found).data)

    @extend_schema(request=FollowUpSerializer, responses=InterviewRow)
    @action(detail=True, methods=["post"], url_path="follow-up")
    def follow_up(self, request: Request, pk: str) -> Response:
        """Say that you deal with a flag of the interview, or put it off; boards show it.

        An empty flag: nobody deals with it any more. For coordinators.
        """
        by: Any = request.user
        interview = self.get_object()
        if not is_coordinator(by, interview.campaign_id):
            raise PermissionDenied
        entry = FollowUpSerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        if entry.validated_data["flag"]:
            saved = services.follow_up_save(
                interview_id=interview.pk, by=by, **entry.validated_data
            )
        else:
            saved = services.follow_up_end(interview_id=interview.pk, by=by)
        return Response(current_row(saved))

    @extend_schema(parameters=[ConflictQuery], responses=ConflictPart(many=True))
    @action(detail=True, filter_backends=[], pagination_class=None)
    def conflicts(self, request: Request, pk: str) -> Response:
        """All conflicts that the interview would have at another time or in another room.

        Refused are those that no reason permits; the others are warnings.
        """
        interview = self.get_object()
        if not is_coordinator(request.user, interview.campaign_id):
            raise PermissionDenied
        with timezone.override(ZoneInfo(interview.campaign.time_zone)):
            asked = ConflictQuery(data=request.query_params, context={"interview": interview})
            asked.is_valid(raise_exception=True)
        found = services.preview_conflicts(interview, **asked.validated_data)
        return Response(conflict_rows(found))

    def _perform(self, name: str, data: Any) -> Response:
        interview = self.get_object()
        by: Any = self.request.user
        with timezone.override(ZoneInfo(interview.campaign.time_zone)):
            done = actions.perform(
                action=name, interview_id=interview.pk, by=by, source="api", data=data
            )
        return Response(current_row(done))

    @extend_schema(request=actions.ACTIONS["undo"].payload, responses=UndoneInterviewRow)
    @action(detail=True, methods=["post"], url_path="undo")
    def undo(self, request: Request, pk: str) -> Response:
        """Undo the last change. The answer names those who had been told of it."""
        response = self._perform("undo", request.data)
        response.data["told"] = told_of_undone(self.get_object())
        return response

    def _actor(self) -> Actor:
        by: Any = self.request.user
        return Actor(user=by, source="api")


def _action_view(name: str) -> Any:
    """The view of one action. Payload and permissions are defined in `services.actions`."""

    def do(self: InterviewViewSet, request: Request, pk: str) -> Response:
        return self._perform(name, request.data)

    do.__name__ = name.replace("-", "_")
    do.__doc__ = f"Take the action `{name}`."
    routed = action(detail=True, methods=["post"], url_path=name, url_name=name)(do)
    # Outside of `action`, which would forget the description.
    return extend_schema(request=actions.ACTIONS[name].payload, responses=InterviewRow)(routed)


for _name in actions.ACTIONS.keys() - {"undo"}:
    setattr(InterviewViewSet, _name.replace("-", "_"), _action_view(_name))


@extend_schema(exclude=True)
class UnknownAction(APIView):
    """Responds 404 to unknown actions, after authentication and throttling."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        super().initial(request, *args, **kwargs)
        raise NotFound({"action": [_("There is no such action.")]})


def reschedule_payload(interview: Interview, entries: Any) -> dict[str, Any]:
    """The complete payload of "reschedule" for the fields of a PATCH.

    Raises ValidationError for unknown fields, and if nothing would change.
    """
    if not isinstance(entries, Mapping):
        raise ValidationError({"version": [_("Send a JSON object with the fields to change.")]})
    reject_unknown_fields(entries, ChangeSerializer().fields.keys())
    if not entries.keys() & {"starts_at", "ends_at", "room"}:
        raise ValidationError({"starts_at": [_("Send at least one field to change.")]})
    current = {
        "starts_at": isoformat(interview.starts_at),
        "ends_at": isoformat(interview.ends_at),
        "reason": _("Changed over the API"),
    }
    if "reason" not in entries:
        current["override_reason"] = ""  # the default reason does not confirm conflicts
    return current | dict(entries)


def detail_of(interview: Interview, reader: Any) -> Row:
    """The row plus history, allowed actions, notices and messages, as the board's drawer shows."""
    allowed = actions.allowed(reader, interview)
    last = undoable_event(interview) if "undo" in allowed else None
    may_see_notices = is_coordinator(reader, interview.campaign_id)
    events = list(interview.events.select_related("by"))
    changes = changes_of(interview, events)
    return current_row(interview) | {
        "events": [event_row(event, changes[event.pk]) for event in events],
        "allowed": allowed,
        "undo_until": isoformat(last.at + UNDO_WITHIN) if last else None,
        "notices": notice_parts(interview) if may_see_notices else [],
        "messages": message_parts(interview) if may_see_notices else [],
    }


def event_row(event: InterviewEvent, changes: Iterable[Change]) -> Row:
    return {
        "at": isoformat(event.at),
        "by": display_name(event.by) if event.by else actor_label(event.source),
        "action": event.action,
        "from_status": event.from_status,
        "to_status": event.to_status,
        "reason": event.reason,
        "undone": event.undone_at is not None,
        "changes": [asdict(change) for change in changes],
    }


def notice_parts(interview: Interview) -> list[Row]:
    """In-app notices about the interview, newest first."""
    notices = Notification.objects.filter(interview=interview).select_related("recipient")
    return [
        {
            "recipient": display_name(notice.recipient),
            "event": notice.event,
            "at": isoformat(notice.at),
            "read": notice.read_at is not None,
        }
        for notice in notices
    ]
