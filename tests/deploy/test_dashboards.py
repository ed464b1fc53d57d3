"""The dashboards match their declarations, every panel states what is normal, and on an interview
day no panel is empty.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana import build
from tests.support.contracts import promql
from tests.support.contracts.alerts import alerts, panels_named, recorded, sections
from tests.support.contracts.panels import DASHBOARDS, Query, dashboards, panels, queries
from tests.support.external.alertmanager import alertmanager
from tests.support.external.fake_dingtalk import FakeDingtalk
from tests.support.external.programs import DEPLOY, free_port, installed
from tests.support.external.prometheus import Prometheus, scraping
from tests.support.product.processes import Site
from tests.support.traffic.interview_day import Day, browsing

PANELS = list(panels())
# The other panels read exporters: tests/acceptance/test_exporters.py.
QUERIES_OF_THE_PRODUCT = [one for one in queries() if not one.where.startswith("servers /")]
SITE_WIDE = re.compile(r"\bsite-wide\b", re.IGNORECASE)
TIMEOUT_SECONDS = 240.0  # generous, for a busy machine
# Exported only after a failure; their panels show 0 until then.
ONLY_AFTER_FAILURES = {
    "celery_task_failed_total",
    "recruit_database_blocking_seconds",
}


def panel_id(panel: tuple[str, dict[str, Any]]) -> str:
    return f"{panel[0]}/{panel[1]['title']}"


def test_the_dashboard_files_match_the_declarations() -> None:
    """If it fails, run: python -m deploy.grafana.build"""
    written = {path.stem: path.read_text() for path in DASHBOARDS.glob("*.json")}
    assert written == {name: build.to_json(one) for name, one in build.dashboards().items()}


def test_there_is_a_dashboard_for_each_question() -> None:
    titles = {dashboard["title"] for dashboard in dashboards().values()}
    assert titles == {
        "Live board",
        "Consumers",
        "Tasks",
        "Notifications",
        "Recruiting day",
        "HTTP and database",
        "Alerting",
        "Servers",
        "Runbooks",
    }


@pytest.mark.parametrize("name", dashboards())
def test_a_dashboard_has_the_usual_variables_and_links_to_the_others(name: str) -> None:
    dashboard = dashboards()[name]
    variables = [variable["name"] for variable in dashboard["templating"]["list"]]
    assert variables == ["datasource", "job", "instance"]
    assert [link["tags"] for link in dashboard["links"]] == [["recruit"]] == [dashboard["tags"]]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("panel", PANELS, ids=panel_id)
def test_a_panel_states_its_meaning_its_normal_values_and_what_to_check_next(
    panel: tuple[str, dict[str, Any]],
) -> None:
    _, shown = panel
    says, normal, otherwise = re.split(r"\n\n\*\*(?:Normal|Otherwise):\*\* ", shown["description"])
    assert min(len(says), len(normal), len(otherwise)) > 1
    defaults = shown["fieldConfig"]["defaults"]
    assert shown["title"]
    assert defaults["unit"]
    first, *others = defaults["thresholds"]["steps"]
    assert first["value"] is None, "the first applies from the lowest value on"
    values = [step["value"] for step in others]
    assert values == sorted(values)


@pytest.mark.parametrize("panel", PANELS, ids=panel_id)
def test_a_panel_follows_the_selected_job_and_instance(panel: tuple[str, dict[str, Any]]) -> None:
    """A panel about the whole site ignores the selection, and its description says so."""
    name, shown = panel
    assert shown["datasource"]["uid"] == "${datasource}"
    about = dashboards()[name]["description"] + shown["description"]
    for target in shown["targets"]:
        assert target["datasource"]["uid"] == "${datasource}"
        chooses = "$job" in target["expr"] and "$instance" in target["expr"]
        assert chooses or SITE_WIDE.search(about)


def test_every_alert_is_linked_from_a_panel_to_its_runbook() -> None:
    places = {panel["id"]: panel["title"] for panel in dashboards()["runbooks"]["panels"]}
    reached = set()
    for _, panel in PANELS:
        for link in panel["links"]:
            place = int(link["url"].removeprefix("/d/recruit-runbooks?viewPanel="))
            assert link["title"] == f"Runbook: {places[place]}"
            reached.add(places[place])
    assert reached == set(alerts()) == set(places.values())


@pytest.mark.parametrize("alert", sections())
def test_a_runbook_names_existing_panels(alert: str) -> None:
    known = {(dashboards()[name]["title"], panel["title"]) for name, panel in PANELS}
    named = panels_named(sections()[alert])
    assert named, "it names no panel"
    assert named <= known


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.where)
def test_a_panel_reads_only_exported_series(query: Query) -> None:
    assert list(promql.faults(query.asked, recorded())) == []


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.where)
def test_a_legend_names_labels_that_the_query_keeps(query: Query) -> None:
    *_, legend = query.where.split(" / ")
    wanted = set(re.findall(r"\{\{(\w+)\}\}", legend))
    kept = promql.grouped_by(query.asked)
    assert wanted <= (kept or promql.OF_EVERY_TARGET)


def test_every_metric_of_the_product_is_shown_on_a_panel() -> None:
    shown = {asked.name for query in queries() for asked in promql.selectors(query.asked)}
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in shown}
    exported = {re.sub("_(bucket|sum|count)$", "", name) for name in promql.catalogue()}
    assert exported - families == set()


@pytest.mark.parametrize("name", dashboards())
def test_a_dashboard_marks_releases_and_shifted_rooms(name: str) -> None:
    """From Prometheus alone; a process has the time of its start from the client library."""
    marks = dashboards()[name]["annotations"]["list"]
    assert [mark["name"] for mark in marks] == ["Releases", "Shifted rooms"]
    known = promql.catalogue().keys() | {"process_start_time_seconds"}
    for mark in marks:
        assert mark["datasource"]["uid"] == "${datasource}"
        assert {asked.name for asked in promql.selectors(mark["expr"])} <= known
        wanted = set(re.findall(r"\{\{(\w+)\}\}", mark["titleFormat"]))
        assert wanted <= promql.grouped_by(mark["expr"])


def test_the_schema_of_dashboards_is_that_of_the_grafana_that_compose_starts() -> None:
    """Otherwise Grafana converts them each time. Look up the number of a new version."""
    image = re.search(r"grafana/grafana:(\d+\.\d+)", (DEPLOY / "compose.yml").read_text())
    assert image
    assert (image[1], build.SCHEMA_VERSION) == ("12.1", 41)


@pytest.fixture
def prometheus_is_installed() -> None:
    """Skips the test before anything else is started."""
    installed("prometheus")


@pytest.fixture
def day(prometheus_is_installed: None, site: Site, dingtalk: FakeDingtalk) -> Day:
    return Day(site, dingtalk)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)  # many processes to start, on a machine that may be busy
async def test_on_an_interview_day_no_panel_is_empty_and_every_label_exists(
    day: Day, tmp_path: Path
) -> None:
    home = tmp_path / "alertmanager"
    with alertmanager(home, site=day.site.url, smtp_port=free_port()) as address:
        targets = day.targets | {"alertmanager": address.removeprefix("http://")}
        await _show_all_panels(day, tmp_path, targets)


async def _show_all_panels(day: Day, tmp_path: Path, targets: dict[str, str]) -> None:
    async with scraping(tmp_path, targets) as prometheus, browsing(day) as pages:
        empty = QUERIES_OF_THE_PRODUCT
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while empty:
                    await day.go_on(pages)
                    empty = [
                        one
                        for one in empty
                        if not await prometheus.numbers(one.asked)
                        or await _missing(prometheus, one)  # counters are there before events
                    ]
        except TimeoutError:
            pytest.fail("Empty: " + "\n".join(f"{one.where}: {one.asked}" for one in empty))
        assert day.player.is_alive(), "the premise"
        missing = {one.where: await _missing(prometheus, one) for one in QUERIES_OF_THE_PRODUCT}
        assert {where: names for where, names in missing.items() if names} == {}
        assert await prometheus.broken_rules() == {}
        requests = await prometheus.exemplars("recruit_http_request_seconds_bucket")
        assert {name for labels in requests for name in labels} == {"request_id"}
        displays = await prometheus.exemplars("recruit_commit_to_paint_seconds_bucket")
        assert {name for labels in displays for name in labels} == {"socket_id"}


async def _missing(prometheus: Prometheus, query: Query) -> set[str]:
    """Returns the names and labels of the query that no series has."""
    named = {one for one in promql.selectors(query.asked) if one.name not in ONLY_AFTER_FAILURES}
    labels_of = {one: await prometheus.labels(one.name) for one in named}
    missing = {one.name for one, labels in labels_of.items() if labels is None}
    for one, labels in labels_of.items():
        missing |= {label for label, _ in one.labels} - (labels or set())
    known = set().union(*(labels or set() for labels in labels_of.values()))
    return missing | (promql.grouped_by(query.asked) - known if named else set())
