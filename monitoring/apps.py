from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = _("Monitoring")

    def ready(self) -> None:
        from django.conf import settings

        from monitoring import celery_metrics, database, sentry
        from monitoring.audit import celery, people
        from monitoring.logs import celery as logs_of_tasks

        sentry.start(**settings.SENTRY)
        celery_metrics.connect()  # declares all metrics, so that /metrics lists them
        database.connect()
        celery.connect()
        logs_of_tasks.connect()
        people.connect()
