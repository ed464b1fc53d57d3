from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RealtimeConfig(AppConfig):
    name = "realtime"
    verbose_name = _("Live work")

    def ready(self) -> None:
        from realtime import revocation, task_rows

        revocation.register()
        task_rows.register()
