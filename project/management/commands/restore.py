"""`manage.py restore`: replaces database and files by those of a backup."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from project.backups import FAILURES
from project.backups.restoration import Restoration
from realtime.relay.epochs import renew_epochs


class Command(BaseCommand):
    help = "Replace the database and the files by those of a backup. Stop the site first."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path, nargs="?", help="an archive of manage.py backup")
        parser.add_argument(
            "--identity", type=Path, metavar="KEY", help="private key of an archive made with age"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--epochs-only",
            action="store_true",
            help="after a restore by other means: let every browser take a new snapshot",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["epochs_only"]:
            with transaction.atomic():
                topics = renew_epochs()
            self.stdout.write(f"{topics} topics have new epochs.")
            return
        if options["archive"] is None:
            raise CommandError("Name the archive to restore.")
        self._confirm(options["archive"], is_confirmed=options["yes"])
        try:
            self._restore(options["archive"], options["identity"])
        except (*FAILURES, OSError) as error:
            raise CommandError(str(error)) from None

    def _confirm(self, archive: Path, *, is_confirmed: bool) -> None:
        question = f"Replace the database and all files by those of {archive.name}? [yes/no] "
        try:
            if not is_confirmed and input(question).strip().lower() != "yes":
                raise CommandError("Nothing was changed.")
        except EOFError:
            raise CommandError("Nothing was changed: confirm with --yes.") from None

    def _restore(self, archive: Path, identity: Path | None) -> None:
        began = time.monotonic()
        restoration = Restoration(archive, identity)
        manifest = restoration.run()
        self.stdout.write(
            f"Restored the state of {manifest.taken_at} in {time.monotonic() - began:.1f} s: "
            f"the database and {len(manifest.members) - 1} files. Start the site."
        )
        if manifest.missing:
            self.stderr.write(f"{len(manifest.missing)} files were missing in the backup.")
        if restoration.erased_again:
            ids = ", ".join(map(str, restoration.erased_again))
            self.stdout.write(f"Erased again, as since the backup: candidates {ids}.")
        if not restoration.is_redis_empty:
            self.stderr.write("Redis does not answer: empty it before you start the site.")
