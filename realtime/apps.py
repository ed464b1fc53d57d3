from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    name = "realtime"
    verbose_name = _("Live work")

    def ready(self) -> None:
        from realtime import (
            api_tokens,
            backlog,
            heartbeats,
            revocation,
            task_rows,
            work_signals,
            worker_signals,
        )
        from realtime.operations import standing, troubles
        from realtime.scheduling import sync

        api_tokens.register()
        revocation.register()
        task_rows.register()
        work_signals.connect()
        heartbeats.register()
        backlog.register()
        troubles.register()
        standing.register()
        worker_signals.connect()
        post_migrate.connect(sync.after_migration, sender=self)
