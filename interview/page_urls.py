"""Addresses of an interviewer's day, of single interviews, and of planning them."""

from django.urls import path

from interview.views import interview, me, scheduling, scorecard

urlpatterns = [
    path("me/", me.page, name="me"),
    path("me/notices/", me.read_notices, name="read_notices"),
    path("interviews/<int:pk>/", interview.page, name="interview"),
    path("interviews/<int:pk>/do/<slug:action>/", interview.do, name="interview_action"),
    path("interviews/<int:pk>/scorecard/", scorecard.page, name="scorecard"),
    path("applications/", scheduling.applications, name="applications"),
    path("applications/<int:pk>/schedule/", scheduling.schedule, name="schedule"),
]
