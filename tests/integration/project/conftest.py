"""Fixtures for the tests of accounts: no failures counted yet."""

from __future__ import annotations

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _reset_rate_limits(request: pytest.FixtureRequest) -> None:
    """Wrong passwords of one name count for an hour, so also in the tests that follow."""
    if request.node.get_closest_marker("redis"):
        cache.clear()
