from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    name = "realtime"
    verbose_name = _("Live work")
    periodic_module = "realtime.background.periodic.realtime_entries"

    def ready(self) -> None:
        from realtime.background import celery_signals, heartbeats, task_rows, worker_heartbeat
        from realtime.background.periodic import sync
        from realtime.http import tokens
        from realtime.hub import revocation
        from realtime.operations import incidents, status
        from realtime.relay import lag

        tokens.register()
        revocation.register()
        task_rows.register()
        celery_signals.connect()
        heartbeats.register()
        lag.register()
        incidents.register()
        status.register()
        worker_heartbeat.connect()
        post_migrate.connect(sync.after_migration, sender=self)
