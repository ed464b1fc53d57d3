"""The Celery application: settings from Django, tasks from each app's `tasks` module."""

import os
import sys
from pathlib import Path

from celery import Celery
from django.conf import settings

from monitoring import process_kind
from monitoring.metrics import multiprocess

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
program = Path(sys.argv[0])
if "celery" in (program.stem, program.parent.name):
    if "worker" in sys.argv[1:]:
        process_kind.set_kind("worker")
        # The worker is our only process that forks. Call this before any metric is declared.
        multiprocess.init_directory(settings.DATA_DIR / "metrics")
    if "beat" in sys.argv[1:]:
        process_kind.set_kind("beat")

app = Celery("recruit")
app.Task.Request = "monitoring.sentry.worker_request:ReportedRequest"
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
