"""URLs of boards, the interviewer's page, the candidate portal, interviews and planning."""

from django.urls import path

from interview.analytics import views as analytics_views
from interview.audit_page import views as audit_views
from interview.bulk import action_views
from interview.bulk import views as bulk_views
from interview.calendars import views as calendar_views
from interview.candidate_portal import confirmation
from interview.candidate_portal import views as candidate_portal_views
from interview.views import board, interview, me, resume, scheduling, scorecard, scorecard_amend

urlpatterns = [
    path("board/", board.boards, name="boards"),
    path("board/<slug:campaign>/", board.board, name="board"),
    path("board/<slug:campaign>/wall/", board.wall, name="wall"),
    path("me/", me.page, name="me"),
    path("me/notices/", me.read_notices, name="read_notices"),
    path("me/calendar/", calendar_views.page, name="my_calendar"),
    path("calendar/<str:token>.ics", calendar_views.FeedView.as_view(), name="calendar_feed"),
    path("my-application/<str:token>/", candidate_portal_views.page, name="my_application"),
    path("my-application/<str:token>/confirm/", confirmation.confirm, name="confirm_application"),
    path(
        "my-application/<str:token>/interview-<int:pk>.ics",
        candidate_portal_views.calendar,
        name="my_interview_file",
    ),
    path(
        "my-application/<str:token>/my-data.json",
        candidate_portal_views.data_file,
        name="my_data_file",
    ),
    path("interviews/<int:pk>/", interview.page, name="interview"),
    path(
        "interviews/<int:pk>/messages/<int:message>/again/",
        interview.send_again,
        name="send_again",
    ),
    path("interviews/<int:pk>/do/<slug:action>/", interview.perform, name="interview_action"),
    path("interviews/<int:pk>/scorecard/", scorecard.page, name="scorecard"),
    path("analytics/", analytics_views.page, name="analytics"),
    path("audit/", audit_views.page, name="audit"),
    path("interviews/<int:pk>/scorecard/amend/", scorecard_amend.page, name="scorecard_amend"),
    path("applications/", scheduling.applications, name="applications"),
    path("applications/<int:pk>/resume/", resume.download, name="resume"),
    path("applications/move/", action_views.move, name="bulk_move"),
    path("applications/tell/", action_views.notify, name="bulk_tell"),
    path("schedule/bulk/", bulk_views.plans_page, name="bulk_plans"),
    path("schedule/bulk/<int:pk>/", bulk_views.plan_page, name="bulk_plan"),
    path("schedule/bulk/<int:pk>/lines/<int:line_id>/", bulk_views.change_line, name="bulk_line"),
    path("schedule/bulk/<int:pk>/do/<slug:what>/", bulk_views.perform, name="bulk_do"),
    path("applications/<int:pk>/schedule/", scheduling.schedule, name="schedule"),
]
