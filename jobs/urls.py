"""URLs of the public job site, and of the coordinators' candidate, import and export pages."""

from django.urls import path

from jobs.applications import views as application_views
from jobs.candidates import views as candidate_views
from jobs.exports import views as export_views
from jobs.imports import views as import_views
from jobs.merging import conflict_views
from jobs.merging import views as merge_views
from jobs.openings import views
from jobs.privacy import views as privacy_views

urlpatterns = [
    path("joblist/", views.job_list, name="job_list"),
    path("jobs/", views.job_list, name="jobs"),
    path("job/<int:pk>/", views.job, name="job"),
    path("job/<int:pk>/apply/", application_views.apply, name="apply"),
    path("job/<int:pk>/applied/", application_views.applied, name="applied"),
    path("candidates/", candidate_views.candidates, name="candidates"),
    path("candidates/conflicts/", conflict_views.conflicts, name="conflicts"),
    path("candidates/merge/", merge_views.merge, name="merge"),
    path("privacy/", privacy_views.page, name="privacy"),
    path("privacy/erase/<int:pk>/", privacy_views.erase, name="erase"),
    path("privacy/requests/<int:pk>/decline/", privacy_views.decline, name="decline_erasure"),
    path("exports/", export_views.export, name="export"),
    path("imports/", import_views.imports, name="imports"),
    path("imports/<uuid:pk>/", import_views.import_run, name="import"),
    path("imports/<uuid:pk>/rejected/", import_views.rejected, name="import_rejected"),
]
