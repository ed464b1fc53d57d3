from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class InterviewConfig(AppConfig):
    name = "interview"
    verbose_name = _("Interviews")
    periodic_module = "interview.hooks.periodic"

    def ready(self) -> None:
        from interview.analytics import cache
        from interview.hooks import audit, defaults, exports, merge, metrics
        from interview.live import operations, signals, topics
        from interview.notifications import application_receipts, in_app
        from interview.notifications import metrics as notification_metrics
        from interview.notifications.dingtalk import alerts
        from interview.notifications.reminders import daily_digest_email  # noqa: F401 its event gets its letter
        from realtime.background.task_runs import task_run_ended

        topics.register()
        signals.connect()
        merge.connect()
        operations.register()
        metrics.register()
        notification_metrics.begin()
        exports.register_tables()
        audit.connect()
        alerts.register()
        application_receipts.connect()
        cache.connect()
        task_run_ended.connect(in_app.task_finished, dispatch_uid="interview.task_finished")
        post_migrate.connect(defaults.ensure, sender=self)
