"""`manage.py backup`: backs up database and files into one archive, or checks an archive."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from monitoring.backups.age import last_backup_age
from project.backups import FAILURES, creation, verification
from project.backups.live_processes import close_own_connections
from project.running.checks import one_line

RETRY_SECONDS = 60.0


class Command(BaseCommand):
    help = "Back up the database and the files into one archive, or check an archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", type=Path, default=settings.BACKUP_DIR, help="directory; default: BACKUP_DIR"
        )
        parser.add_argument(
            "--check", type=Path, metavar="FILE", help="read this archive, and change nothing"
        )
        parser.add_argument(
            "--identity", type=Path, metavar="KEY", help="private key of an archive made with age"
        )
        parser.add_argument(
            "--every-hours", type=float, metavar="N", help="go on, and make one every N hours"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                self._check(options["check"], options["identity"])
            elif options["every_hours"]:
                self._create_for_ever(options["to"], timedelta(hours=options["every_hours"]))
            else:
                self._create(options["to"])
        except FAILURES as error:
            raise CommandError(one_line(error)) from None

    def _check(self, archive: Path, identity: Path | None) -> None:
        manifest = verification.check(archive, identity)
        self.stdout.write(
            f"{archive.name} is complete: {manifest.version} of {manifest.taken_at}, "
            f"{len(manifest.members) - 1} files, all checksums match, the dump can be read."
        )

    def _create_for_ever(self, directory: Path, interval: timedelta) -> None:
        """Make a backup whenever the last one is this old, also after a restart."""
        while True:
            try:
                age, exists = last_backup_age()
                if exists and age < interval:
                    close_own_connections()
                    time.sleep((interval - age).total_seconds())
                else:
                    self._create(directory)
            except FAILURES as error:
                self.stderr.write(f"The backup failed: {one_line(error)}")
                close_own_connections()
                time.sleep(RETRY_SECONDS)

    def _create(self, directory: Path) -> None:
        made = creation.create(directory)
        self.stdout.write(
            f"{made.path}: {made.size / 1e6:.1f} MB, {len(made.manifest.members) - 1} files, "
            f"in {made.seconds:.1f} s."
        )
        if made.manifest.missing:
            number = len(made.manifest.missing)
            self.stderr.write(
                f"{number} files to which the database refers do not exist; the manifest names "
                "them. Check the directories of DATA_DIR, and that this process sees them."
            )
        for path in creation.delete_old(
            directory, keep_days=settings.BACKUP_KEEP_DAYS, now=timezone.now()
        ):
            self.stdout.write(f"Deleted {path.name}, older than {settings.BACKUP_KEEP_DAYS} days.")
