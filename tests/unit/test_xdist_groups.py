"""Tests that share a site or a port run in one process, which builds what they share once."""

import os

import pytest


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_run_in_one_process(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("without xdist all tests run in one process")
    assert request.node.nodeid.endswith("@together")
