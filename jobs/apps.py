from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Hiring")
    periodic_module = "jobs.periodic"

    def ready(self) -> None:
        from jobs import audit_registration, signals
        from jobs.applications import cleanup
        from jobs.exports import candidates, contents, tables
        from jobs.imports import cleanup as import_cleanup
        from jobs.openings import cache
        from jobs.privacy import admin_log, erasure_requests
        from jobs.uploads import scan

        signals.connect()
        tables.register(candidates.CANDIDATES)
        audit_registration.connect()
        cleanup.connect()
        contents.connect()
        import_cleanup.connect()
        admin_log.connect()
        scan.register_check()
        erasure_requests.connect()
        cache.connect()
