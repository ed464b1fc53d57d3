from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = _("Monitoring")

    def ready(self) -> None:
        from monitoring import metrics  # noqa: F401 declares them, so that /metrics lists them all
        from monitoring.audit import celery, people

        celery.connect()
        people.connect()
