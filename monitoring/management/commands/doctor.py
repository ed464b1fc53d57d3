"""`manage.py doctor`: the checks of /readyz with advice, the settings checks, and versions."""

from __future__ import annotations

from importlib.metadata import version
from platform import python_version
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from monitoring import redis_client
from monitoring.check_connection import check_connection
from monitoring.health import checks as health_checks
from monitoring.health.checks import CHECKS, SERVER_LOST_ERRORS, TIMEOUT_SECONDS, Finding

RUNBOOKS = "deploy/docs/runbooks.md"
PACKAGES = ("Django", "channels", "daphne", "celery", "psycopg", "redis", "prometheus-client")


class Command(BaseCommand):
    """Works without any server. Exits with an error if the site cannot serve pages."""

    help = "Show problems of the site, how to fix them, and the versions it runs."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            found = health_checks.findings()
            self._write_findings(found)
            errors = self._write_settings()
            self._write_versions(found)
        if errors or not health_checks.is_ready(found):
            raise CommandError("The site is not ready. See the failed checks above.")

    def _write_findings(self, found: dict[str, Finding]) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING("Checks"))
        for name, finding in found.items():
            self.stdout.write(f"  {self._mark(finding)}  {name:<11} {finding.detail}")
            if finding.because:
                self.stdout.write(f"{'':23}Because of the failed check {finding.because}, above.")
            elif not finding.ok and finding.is_known:
                self._write_advice(name)

    def _mark(self, finding: Finding) -> str:
        if finding.ok:
            return self.style.SUCCESS("ok     ")
        if not finding.is_known:
            return "unknown"
        if finding.because:
            return "follows"
        if finding.is_advisory:
            return self.style.WARNING("warning")
        return self.style.ERROR("FAILED ")

    def _write_advice(self, name: str) -> None:
        advice = CHECKS[name].advice
        for sentence in (advice.problem, advice.remedy, f"See {RUNBOOKS}{advice.anchor}"):
            self.stdout.write(f"{'':23}{sentence}")

    def _write_settings(self) -> int:
        """Returns the number of errors of Django's checks; in production, also of deploy checks."""
        self.stdout.write(self.style.MIGRATE_HEADING("Settings"))
        messages = checks.run_checks(include_deployment_checks=not settings.DEBUG)
        shown = [one for one in messages if one.level >= checks.WARNING and not one.is_silenced()]
        for message in shown:
            self.stdout.write(f"  {message}")
        if not shown:
            self.stdout.write(f"  {self.style.SUCCESS('ok     ')}  no problems")
        return sum(message.level >= checks.ERROR for message in shown)

    def _write_versions(self, found: dict[str, Finding]) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING("Versions"))
        versions = {"Python": python_version()} | {name: version(name) for name in PACKAGES}
        versions |= {"PostgreSQL": _postgresql(found), "Redis": _redis(found)}
        for name, number in versions.items():
            self.stdout.write(f"  {name:<19}{number}")


def _postgresql(found: dict[str, Finding]) -> str:
    if not found["database"].ok:
        return "not known"
    try:
        with check_connection() as server, server.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return str(cursor.fetchone()[0])
    except SERVER_LOST_ERRORS:
        return "not known"


def _redis(found: dict[str, Finding]) -> str:
    """Version of Redis or Valkey; Valkey also reports the Redis version it is compatible with."""
    if not found["redis"].ok:
        return "not known"
    try:
        with redis_client.connect(settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS) as server:
            details: Any = server.info("server")
    except SERVER_LOST_ERRORS:
        return "not known"
    name = "Valkey" if "valkey_version" in details else ""
    return f"{name} {details.get('valkey_version', details['redis_version'])}".strip()
