"""The addresses of background work."""

from django.urls import path

from realtime import views

urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/<uuid:pk>/cancel/", views.cancel, name="cancel_task"),
]
