from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = _("Monitoring")

    def ready(self) -> None:
        from django.conf import settings

        from monitoring.alerts import destinations
        from monitoring.audit import celery, sign_ins
        from monitoring.backups import age
        from monitoring.logs import celery as logs_of_tasks
        from monitoring.metrics import celery_metrics, database, database_activity
        from monitoring.sentry import reporting

        reporting.start(**settings.SENTRY)
        celery_metrics.connect()  # declares all metrics, so that /metrics lists them
        database.connect()
        database_activity.connect()
        age.connect()
        destinations.register_check()
        celery.connect()
        logs_of_tasks.connect()
        sign_ins.connect()
