"""`manage.py relay`: runs the relay process, which numbers and publishes changes."""

import asyncio
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError

from monitoring import process_kind
from monitoring.metrics import exposition
from realtime import site_identity
from realtime.gc_tuning import tune_garbage_collector
from realtime.relay_process import run


class Command(BaseCommand):
    help = "Number pending changes and publish them, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        tune_garbage_collector()
        process_kind.set_kind("relay")
        exposition.serve()
        with suppress(OperationalError):  # asked again later; asking here blocks no event loop
            site_identity.site_id()
        asyncio.run(run())
