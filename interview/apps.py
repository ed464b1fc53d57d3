from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class InterviewConfig(AppConfig):
    name = "interview"
    verbose_name = _("Interviews")
    periodic_module = "interview.hooks.periodic"

    def ready(self) -> None:
        from interview.notifications import channels

        channels.register_installed()

        from interview.analytics import cache
        from interview.hooks import audit, defaults, erasure, exports, merge, metrics
        from interview.live import signals, topics
        from interview.notifications import incidents, queue_metrics
        from interview.notifications import metrics as notification_metrics
        from interview.notifications.dingtalk import alerts as dingtalk_alerts
        from interview.notifications.dingtalk import metrics as dingtalk_metrics
        from interview.notifications.email import alerts as email_alerts
        from interview.notifications.email import application_receipts, privacy
        from interview.notifications.in_app.notices import task_finished
        from realtime.background.task_runs import task_run_ended

        topics.register()
        signals.connect()
        merge.connect()
        erasure.connect()
        incidents.register()
        metrics.register()
        notification_metrics.init_labels()
        queue_metrics.register()
        dingtalk_metrics.register()
        exports.register_tables()
        audit.connect()
        dingtalk_alerts.register()
        email_alerts.register()
        application_receipts.connect()
        privacy.connect()
        cache.connect()
        task_run_ended.connect(task_finished, dispatch_uid="interview.task_finished")
        post_migrate.connect(defaults.install_defaults, sender=self)
