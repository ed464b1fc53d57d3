"""Filters of the lists of interviews, rooms, notices and scorecards."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import DateField, F, Func, Q
from django.db.models.functions import Cast
from django_filters import rest_framework as filters

from interview.models import Interview, Notification, Room, Scorecard
from interview.models.querysets import InterviewQuerySet
from interview.models.states import Status
from monitoring.http.dates import validate_year
from monitoring.http.filters import IdFilter, Ordering, StrictBooleanFilter

MAX_OFFSET = timedelta(days=1)
"""A local day lies within this distance of the same day in UTC."""


class InterviewFilter(filters.FilterSet):
    campaign = filters.CharFilter(field_name="campaign__slug")
    status = filters.MultipleChoiceFilter(choices=Status.choices)
    day = filters.DateFilter(
        method="on_day", label="In the campaign's time zone.", validators=[validate_year]
    )
    day_from = filters.DateFilter(
        method="from_day", label="This day or later.", validators=[validate_year]
    )
    day_to = filters.DateFilter(
        method="to_day", label="This day or earlier.", validators=[validate_year]
    )
    room = IdFilter(field_name="room_id")
    interviewer = IdFilter(field_name="assignments__interviewer_id")
    job = IdFilter(field_name="application__job_id")
    candidate = IdFilter(field_name="application__candidate_id")
    application = IdFilter(field_name="application_id")
    round = IdFilter(field_name="round__number")
    ordering = Ordering("starts_at", "ends_at", "status")

    class Meta:
        model = Interview
        fields: list[str] = []

    def on_day(self, queryset: InterviewQuerySet, name: str, day: date) -> InterviewQuerySet:
        near = Q(starts_at__date__range=(day - MAX_OFFSET, day + MAX_OFFSET))
        return _with_local_day(queryset, near, local_day=day)

    def from_day(self, queryset: InterviewQuerySet, name: str, day: date) -> InterviewQuerySet:
        near = Q(starts_at__date__gte=day - MAX_OFFSET)
        return _with_local_day(queryset, near, local_day__gte=day)

    def to_day(self, queryset: InterviewQuerySet, name: str, day: date) -> InterviewQuerySet:
        near = Q(starts_at__date__lte=day + MAX_OFFSET)
        return _with_local_day(queryset, near, local_day__lte=day)


def _with_local_day(queryset: InterviewQuerySet, near: Q, **where: date) -> InterviewQuerySet:
    """Filter by the local day of each interview's campaign.

    near: the range in UTC, which is not exact but lets PostgreSQL use the index.
    """
    local_start = Func(F("campaign__time_zone"), F("starts_at"), function="timezone")
    with_day = queryset.alias(local_day=Cast(local_start, DateField()))
    return with_day.filter(near, **where)


class RoomFilter(filters.FilterSet):
    campaign = filters.CharFilter(field_name="campaign__slug")
    is_active = StrictBooleanFilter()
    ordering = Ordering("name", "position")

    class Meta:
        model = Room
        fields: list[str] = []


class NoticeFilter(filters.FilterSet):
    unread = StrictBooleanFilter(field_name="read_at", lookup_expr="isnull")
    event = filters.MultipleChoiceFilter(choices=Notification.Event.choices)
    ordering = Ordering("at")

    class Meta:
        model = Notification
        fields: list[str] = []


class ScorecardFilter(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=Scorecard.State.choices)
    ordering = Ordering("submitted_at", "updated_at")

    class Meta:
        model = Scorecard
        fields: list[str] = []
