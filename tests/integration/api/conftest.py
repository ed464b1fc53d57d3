"""Fixtures for the tests of the API: unused rate limits, and the generated schema."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.core.management import call_command


@pytest.fixture(autouse=True)
def _reset_rate_limits() -> None:
    """All tests of one minute send requests from the same address."""
    cache.clear()


@pytest.fixture
def schema(tmp_path: Path) -> Any:
    file = tmp_path / "schema.yml"
    call_command("spectacular", file=str(file), validate=True, fail_on_warn=True)
    return yaml.safe_load(file.read_text())
