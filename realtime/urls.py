"""URL paths of the pages for background tasks and operations."""

from django.urls import path

from realtime.background import views
from realtime.operations import views as operations

urlpatterns = [
    path("ops/", operations.page, name="ops"),
    path("ops/now/", operations.now, name="ops_now"),
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/<uuid:pk>/result/", views.result, name="task_result"),
    path("tasks/<uuid:pk>/cancel/", views.cancel, name="cancel_task"),
]
