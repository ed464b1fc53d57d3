"""Counting and formatting of benchmark results, because a wrong sum would be published."""

from __future__ import annotations

import pytest

from tests.load import document
from tests.load.client_counts import FROM_TO, ClientCounts, committed_at, percentile
from tests.load.table import Line, figure, markdown, ratios, spread


def frame(first: int, last: int) -> memoryview:
    head = f'{{"type":"changes","topic":"board.x","epoch":"e","from":{first},"to":{last},'
    return memoryview((head + '"committed_at":"1970-01-01T00:00:02+00:00","changes":[]}').encode())


def test_positions_and_time_are_read_from_a_frame_without_parsing_its_rows() -> None:
    match = FROM_TO.search(frame(7, 9))
    assert match is not None
    assert (int(match[1]), int(match[2])) == (7, 9)
    assert committed_at(frame(7, 9)) == 2.0


def test_the_time_is_read_from_frames_of_the_stock_consumer_too() -> None:
    """Those contain spaces after separators, the default of json.dumps."""
    text = '{"type": "change", "committed_at": "1970-01-01T00:00:03+00:00"}'
    assert committed_at(memoryview(text.encode())) == 3.0


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1.0), (50, 51.0), (99, 100.0), (100, 100.0)], ids=str
)
def test_a_percentile_is_one_of_the_measured_values(percent: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


def test_a_percentile_of_no_values_is_zero() -> None:
    assert percentile([], 99) == 0.0


def test_a_delay_is_counted_for_every_socket_that_received_the_change() -> None:
    counts = ClientCounts()
    counts.content(5, [{"key": "interview:1", "version": 2}, {"key": "room:1", "version": 1}])
    for arrived in (10.010, 10.020, 10.030):
        counts.arrival(5, arrived)
    delays = counts.since({"interview:1@2": 10.0, "interview:9@1": 10.0})
    assert (delays["found"], delays["arrivals"]) == (1, 3)
    assert delays["p50_ms"] == pytest.approx(20)
    assert delays["p99_ms"] == pytest.approx(30)


def test_clearing_resets_all_counts() -> None:
    counts = ClientCounts()
    counts.frame(25, 1000)
    counts.sample(20, 25)
    counts.delay(0.5)
    before = counts.report()
    assert (before["delivered"], before["carried_share"], before["p50_ms"]) == (25, 0.8, 500.0)
    counts.clear()
    assert counts.report() == ClientCounts().report()


def test_a_figure_has_three_significant_digits_and_its_range() -> None:
    assert [figure(value) for value in (0.01234, 4.567, 123456.7)] == ["0.0123", "4.57", "123 457"]
    assert spread([3.0, 1.0, 2.0], "ms") == "2 ms (1…3)"
    assert spread([2.0]) == "2"


def test_ratios_compare_values_of_the_same_round() -> None:
    assert ratios([10.0, 30.0], [1.0, 2.0]) == [10.0, 15.0]


def test_a_table_is_written_between_its_markers_in_the_document(tmp_path, monkeypatch) -> None:
    copy = tmp_path / "performance.md"
    original = document.DOCUMENT.read_text(encoding="utf-8")
    copy.write_text(original, encoding="utf-8")
    monkeypatch.setattr(document, "DOCUMENT", copy)
    lines = [Line(what="Fan-out", ours="1 /s", target="≥ 1", met=True)]
    document.write(lines, "daphne")
    document.write(lines, "daphne")  # a second time, to prove that the markers are kept
    text = copy.read_text(encoding="utf-8")
    assert text.count(markdown(lines)) == 1
    assert text.split(document.BEGIN)[0] == original.split(document.BEGIN)[0]
    assert text.split(document.END)[1] == original.split(document.END)[1]
