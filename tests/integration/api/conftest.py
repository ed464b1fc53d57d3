"""Fixtures for the tests of the API: unused rate limits, and the generated schema."""

from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.core.management import call_command
from django.utils import translation


@pytest.fixture(autouse=True)
def _reset_rate_limits() -> None:
    """All tests of one minute send requests from the same address."""
    cache.clear()


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The OpenAPI document, for tests that only read it; generating it takes a second."""
    file = tmp_path_factory.mktemp("openapi") / "schema.yml"
    with translation.override("en"):
        call_command("spectacular", file=str(file), validate=True, fail_on_warn=True)
    return yaml.safe_load(file.read_text())
