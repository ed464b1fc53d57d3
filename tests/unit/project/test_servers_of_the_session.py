"""The workers of a test session share PostgreSQL only."""

import os
from pathlib import Path

from django.conf import settings

from project.embedded import redis_url


def test_each_worker_has_its_own_valkey() -> None:
    own = os.environ.get("PYTEST_XDIST_WORKER", "main")
    assert settings.DATA_DIR.name == own
    assert redis_url(Path(settings.DATA_DIR)) == settings.REDIS_URL
