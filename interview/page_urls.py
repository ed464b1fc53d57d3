"""Addresses of an interviewer's day, of applicants' own pages, of single interviews, and of
planning them.
"""

from django.urls import path

from interview.views import (
    analytics,
    audit,
    bulk,
    bulk_acts,
    calendar,
    interview,
    me,
    own_page,
    resume,
    scheduling,
    scorecard,
    scorecard_amend,
)

urlpatterns = [
    path("me/", me.page, name="me"),
    path("me/notices/", me.read_notices, name="read_notices"),
    path("me/calendar/", calendar.page, name="my_calendar"),
    path("calendar/<str:token>.ics", calendar.FeedView.as_view(), name="calendar_feed"),
    path("my-application/<str:token>/", own_page.page, name="my_application"),
    path(
        "my-application/<str:token>/interview-<int:pk>.ics",
        own_page.calendar,
        name="my_interview_file",
    ),
    path("interviews/<int:pk>/", interview.page, name="interview"),
    path(
        "interviews/<int:pk>/messages/<int:message>/again/",
        interview.send_again,
        name="send_again",
    ),
    path("interviews/<int:pk>/do/<slug:action>/", interview.do, name="interview_action"),
    path("interviews/<int:pk>/scorecard/", scorecard.page, name="scorecard"),
    path("analytics/", analytics.page, name="analytics"),
    path("audit/", audit.page, name="audit"),
    path("interviews/<int:pk>/scorecard/amend/", scorecard_amend.page, name="scorecard_amend"),
    path("applications/", scheduling.applications, name="applications"),
    path("applications/<int:pk>/resume/", resume.download, name="resume"),
    path("applications/move/", bulk_acts.move, name="bulk_move"),
    path("applications/tell/", bulk_acts.tell, name="bulk_tell"),
    path("schedule/bulk/", bulk.plans_page, name="bulk_plans"),
    path("schedule/bulk/<int:pk>/", bulk.plan_page, name="bulk_plan"),
    path("schedule/bulk/<int:pk>/lines/<int:line_id>/", bulk.change_line, name="bulk_line"),
    path("schedule/bulk/<int:pk>/do/<slug:what>/", bulk.do, name="bulk_do"),
    path("applications/<int:pk>/schedule/", scheduling.schedule, name="schedule"),
]
