"""Every test asks with a full budget: the tests of one minute share an address."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def full_budget() -> None:
    cache.clear()
