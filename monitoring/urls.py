from django.urls import path

from monitoring import trial, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("metrics/site", views.site_metrics, name="site_metrics"),
    path("sentry-debug/", trial.sentry_debug, name="sentry_debug"),
]
