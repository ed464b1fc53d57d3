"""Every test asks with a full budget: the tests of one minute share an address."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.core.management import call_command


@pytest.fixture(autouse=True)
def full_budget() -> None:
    cache.clear()


@pytest.fixture
def schema(tmp_path: Path) -> Any:
    file = tmp_path / "schema.yml"
    call_command("spectacular", file=str(file), validate=True, fail_on_warn=True)
    return yaml.safe_load(file.read_text())
