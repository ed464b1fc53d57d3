"""The addresses of background work."""

from django.urls import path

from realtime import views

urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/<uuid:pk>/result/", views.result, name="task_result"),
    path("tasks/<uuid:pk>/cancel/", views.cancel, name="cancel_task"),
]
