"""Counters that are plain numbers until they are scraped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from monitoring.metrics.fast_counter import FastCounter
from tests.support.contracts.metrics_in_process import scraped


@pytest.fixture
def apples() -> Iterator[FastCounter]:
    counter = FastCounter("apples_total", "Apples.", ["colour"])
    yield counter
    REGISTRY.unregister(counter)


def test_increments_are_exposed_under_the_names_of_a_counter(apples: FastCounter) -> None:
    red = apples.labels("red")
    red.value += 3
    assert scraped().of("apples_total", colour="red") == 3
    assert apples.labels("red") is red


def test_a_metric_name_can_be_registered_once(apples: FastCounter) -> None:
    with pytest.raises(ValueError, match="Duplicated"):
        FastCounter("apples_total", "Pears.", ["colour"])


def test_a_wrong_number_of_label_values_is_rejected(apples: FastCounter) -> None:
    with pytest.raises(ValueError, match="apples_total has the labels colour"):
        apples.labels("red", "ripe")
