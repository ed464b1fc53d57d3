from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Hiring")

    def ready(self) -> None:
        from jobs import audited, openings_cache, signals
        from jobs.applying import forgetting
        from jobs.exporting import candidates, tables

        signals.connect()
        tables.register(candidates.CANDIDATES)
        audited.connect()
        forgetting.connect()
        openings_cache.connect()
