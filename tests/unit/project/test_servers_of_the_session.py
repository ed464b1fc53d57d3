"""Workers of one test session share PostgreSQL and nothing else."""

import os
from pathlib import Path

from django.conf import settings

from project.embedded import redis_url


def test_a_worker_has_a_valkey_of_its_own() -> None:
    own = os.environ.get("PYTEST_XDIST_WORKER", "main")
    assert settings.DATA_DIR.name == own
    assert redis_url(Path(settings.DATA_DIR)) == settings.REDIS_URL
