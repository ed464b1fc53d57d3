"""API of scorecards: save a draft, submit, amend.

Interviewers see other scorecards only after they have submitted their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from interview import services
from interview.api.filters import ScorecardFilter
from interview.models import Interview, Scorecard, ScorecardAmendment
from interview.rules.permissions import assignment_of, may_read_scorecard_content
from interview.services.transitions import Actor
from realtime.display_names import display_name
from realtime.http.idempotency import IdempotentView
from realtime.protocol.server_frames import isoformat

OF_INTERVIEW = OpenApiParameter("interview", int, OpenApiParameter.PATH)


class ScorecardSerializer(serializers.Serializer[Any]):
    """Content of a scorecard. It replaces the saved draft; a draft may be incomplete."""

    scores = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=5),
        required=False,
        help_text="Criterion key → score from 1 to 5.",
    )
    recommendation = serializers.ChoiceField(
        choices=Scorecard.Recommendation.choices, required=False, allow_blank=True, default=""
    )
    strengths = serializers.CharField(max_length=10_000, allow_blank=True, default="")
    concerns = serializers.CharField(max_length=10_000, allow_blank=True, default="")


class AmendSerializer(serializers.Serializer[Any]):
    """Changes of a submitted scorecard and their reason; fields that are not given stay."""

    reason = serializers.CharField(max_length=300)
    scores = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=5), required=False
    )
    recommendation = serializers.ChoiceField(
        choices=Scorecard.Recommendation.choices, required=False
    )
    strengths = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    concerns = serializers.CharField(max_length=10_000, allow_blank=True, required=False)


class AmendmentPart(serializers.Serializer[Any]):
    """The previous content of a scorecard, with author and reason of the change."""

    at = serializers.DateTimeField()
    by = serializers.CharField()
    reason = serializers.CharField()
    scores = serializers.DictField(child=serializers.IntegerField())
    recommendation = serializers.ChoiceField(choices=Scorecard.Recommendation.choices)
    strengths = serializers.CharField()
    concerns = serializers.CharField()


class ScorecardRow(ScorecardSerializer):
    id = serializers.IntegerField()
    interview = serializers.IntegerField()
    interviewer = serializers.IntegerField()
    interviewer_name = serializers.CharField()
    state = serializers.ChoiceField(choices=Scorecard.State.choices)
    submitted_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    amendments = AmendmentPart(many=True, help_text="Newest first.")


@extend_schema(parameters=[OF_INTERVIEW])
class ScorecardViewSet(IdempotentView, GenericViewSet[Scorecard]):
    """The scorecards of one interview."""

    queryset = Scorecard.objects.none()
    serializer_class = ScorecardRow
    filterset_class = ScorecardFilter

    def list(self, request: Request, interview: str) -> Response:
        """The user's own scorecard, and other submitted ones if the user may read them."""
        about = self._interview(interview)
        cards = about.scorecards.select_related("interviewer").prefetch_related(
            "scores__criterion", "amendments__by"
        )
        own = assignment_of(request.user, about) is not None
        shown = cards.filter(interviewer=request.user.pk) if own else cards.none()
        if may_read_scorecard_content(request.user, about):
            shown |= cards.filter(state=Scorecard.State.SUBMITTED)
        page = self.paginate_queryset(self.filter_queryset(shown)) or []
        return self.get_paginated_response([scorecard_row(card) for card in page])

    @extend_schema(request=ScorecardSerializer, responses={200: ScorecardRow})
    def create(self, request: Request, interview: str) -> Response:
        """Save a draft of the user's own scorecard."""
        return self._save(interview, is_final=False)

    @extend_schema(request=ScorecardSerializer, responses=ScorecardRow)
    @action(detail=False, methods=["post"])
    def submit(self, request: Request, interview: str) -> Response:
        """Submit the user's own scorecard. The last one completes an interview that has ended."""
        return self._save(interview, is_final=True)

    @extend_schema(request=AmendSerializer, responses=ScorecardRow)
    @action(detail=False, methods=["post"])
    def amend(self, request: Request, interview: str) -> Response:
        """Amend the user's submitted scorecard, with a reason. The previous content is kept."""
        about = self._interview(interview)
        user = self._interviewer_of(about)
        entry = AmendSerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        with criteria_by_key(about) as ids:
            asked = entry.validated_data | {"scores": ids(entry.validated_data.get("scores", {}))}
            card = services.scorecard_amend(interview_id=about.pk, interviewer=user, **asked)
        return Response(scorecard_row(card))

    def _interview(self, pk: str) -> Interview:
        visible = Interview.objects.visible_to(self.request.user).select_related("round")
        return get_object_or_404(visible, pk=pk)

    def _interviewer_of(self, about: Interview) -> Any:
        """The user. Raises PermissionDenied if they are not an interviewer of the interview."""
        if assignment_of(self.request.user, about) is None:
            raise PermissionDenied
        return self.request.user

    def _save(self, pk: str, *, is_final: bool) -> Response:
        about = self._interview(pk)
        user = self._interviewer_of(about)
        entry = ScorecardSerializer(data=self.request.data)
        entry.is_valid(raise_exception=True)
        with criteria_by_key(about) as ids:
            asked = entry.validated_data | {"scores": ids(entry.validated_data.get("scores", {}))}
            card = services.scorecard_save(
                interview_id=about.pk,
                interviewer=user,
                is_final=is_final,
                actor=Actor(user=user, source="api"),
                **asked,
            )
        return Response(scorecard_row(card))


@contextmanager
def criteria_by_key(about: Interview) -> Iterator[Callable[[Mapping[str, int]], dict[int, int]]]:
    """Translate criterion keys of the API to ids of the services, and back in validation errors."""
    ids = {criterion.key: criterion.pk for criterion in about.round.criteria.all()}

    def by_id(scores: Mapping[str, int]) -> dict[int, int]:
        if unknown := scores.keys() - ids.keys():
            raise ValidationError({"scores": _unknown_criteria(unknown)})
        return {ids[key]: score for key, score in scores.items()}

    try:
        yield by_id
    except DjangoValidationError as error:
        raise ValidationError(_by_key(error.message_dict, ids)) from None


def _unknown_criteria(keys: Iterable[str]) -> list[str]:
    return [str(_("Unknown criterion: %(key)s.") % {"key": key}) for key in sorted(keys)]


def _by_key(reasons: Mapping[str, list[str]], ids: Mapping[str, int]) -> dict[str, list[str]]:
    """Replace the service's field names `score_<id>` by `scores.<key>`."""
    names = {f"score_{pk}": f"scores.{key}" for key, pk in ids.items()}
    return {names.get(field, field): texts for field, texts in reasons.items()}


def scorecard_row(card: Scorecard) -> dict[str, Any]:
    return {
        "id": card.pk,
        "interview": card.interview_id,
        "interviewer": card.interviewer_id,
        "interviewer_name": display_name(card.interviewer),
        "state": card.state,
        "scores": {score.criterion.key: score.score for score in card.scores.all()},
        "recommendation": card.recommendation,
        "strengths": card.strengths,
        "concerns": card.concerns,
        "submitted_at": isoformat(card.submitted_at),
        "updated_at": isoformat(card.updated_at),
        "amendments": [amendment_row(one) for one in card.amendments.all()],
    }


def amendment_row(amendment: ScorecardAmendment) -> dict[str, Any]:
    return {
        "at": isoformat(amendment.at),
        "by": display_name(amendment.by),
        "reason": amendment.reason,
        "scores": amendment.scores,
        "recommendation": amendment.recommendation,
        "strengths": amendment.strengths,
        "concerns": amendment.concerns,
    }
