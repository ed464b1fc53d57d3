from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class InterviewConfig(AppConfig):
    name = "interview"
    verbose_name = _("Interviews")

    def ready(self) -> None:
        from interview import (
            audited,
            defaults,
            exporting,
            gauges,
            merging,
            notices,
            operations,
            signals,
            tally,
            topics,
        )
        from interview.analytics import remembered
        from interview.delivery import receipts
        from interview.delivery.dingtalk import alerts
        from interview.reminders import digest_letter  # noqa: F401 its event gets its letter
        from realtime.task_runs import work_ended

        topics.register()
        signals.connect()
        merging.connect()
        operations.register()
        gauges.register()
        tally.begin()
        exporting.register_tables()
        audited.connect()
        alerts.register()
        receipts.connect()
        remembered.connect()
        work_ended.connect(notices.task_finished, dispatch_uid="interview.task_finished")
        post_migrate.connect(defaults.ensure, sender=self)
