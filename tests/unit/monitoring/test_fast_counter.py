"""Counters that are plain numbers until somebody asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client import REGISTRY

from monitoring.metrics.fast_counter import TallyCounter
from tests.support.metrics_in_process import scraped


@pytest.fixture
def apples() -> Iterator[TallyCounter]:
    counter = TallyCounter("apples_total", "Apples.", ["colour"])
    yield counter
    REGISTRY.unregister(counter)


def test_what_was_added_is_told_by_the_names_of_a_counter(apples: TallyCounter) -> None:
    red = apples.labels("red")
    red.number += 3
    assert scraped().of("apples_total", colour="red") == 3
    assert apples.labels("red") is red


def test_a_name_is_taken_once(apples: TallyCounter) -> None:
    with pytest.raises(ValueError, match="Duplicated"):
        TallyCounter("apples_total", "Pears.", ["colour"])


def test_labels_are_all_given_or_refused(apples: TallyCounter) -> None:
    with pytest.raises(ValueError, match="apples_total has the labels colour"):
        apples.labels("red", "ripe")
