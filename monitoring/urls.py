from django.urls import path

from monitoring import views
from monitoring.alerts.views import receive_alerts
from monitoring.sentry import debug_view

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("metrics/site", views.site_metrics, name="site_metrics"),
    path("sentry-debug/", debug_view.sentry_debug, name="sentry_debug"),
    path("alerts/dingtalk/", receive_alerts, name="alerts"),
]
