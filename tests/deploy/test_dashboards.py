"""The dashboards are what their declarations say, every panel says what is normal, and on an
interview day none is empty.
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
from tests.support.external.fake_dingtalk import FakeDingtalk
from tests.support.external.programs import installed
from tests.support.external.prometheus import Prometheus, scraping
from tests.support.product.processes import Site
from tests.support.traffic.interview_day import Day, browsing

PANELS = list(panels())
SITE_WIDE = re.compile(r"\bsite-wide\b", re.IGNORECASE)
PATIENCE_SECONDS = 240.0  # of a busy machine
# No day is that bad: these are told once something has broken, and their panels show 0 until then.
ONLY_IN_TROUBLE = {
    "celery_task_failed_total",
    "celery_task_rejected_total",
    "celery_task_retried_total",
    "celery_task_revoked_total",
    "recruit_database_errors_total",
    "recruit_http_slow_requests_total",
    "recruit_layer_errors_total",
    "recruit_live_dropped_total",
    "recruit_site_read_errors_total",
}


def named(panel: tuple[str, dict[str, Any]]) -> str:
    return f"{panel[0]}/{panel[1]['title']}"


def test_the_files_are_what_the_declarations_say() -> None:
    """Else: python -m deploy.grafana.build"""
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
        "Runbooks",
    }


@pytest.mark.parametrize("name", dashboards())
def test_a_dashboard_lets_one_choose_and_leads_to_the_others(name: str) -> None:
    dashboard = dashboards()[name]
    variables = [variable["name"] for variable in dashboard["templating"]["list"]]
    assert variables == ["datasource", "job", "instance"]
    assert [link["tags"] for link in dashboard["links"]] == [["recruit"]] == [dashboard["tags"]]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("panel", PANELS, ids=named)
def test_a_panel_says_what_it_shows_what_is_normal_and_where_to_look_else(
    panel: tuple[str, dict[str, Any]],
) -> None:
    _, told = panel
    says, normal, otherwise = re.split(r"\n\n\*\*(?:Normal|Otherwise):\*\* ", told["description"])
    assert min(len(says), len(normal), len(otherwise)) > 1
    defaults = told["fieldConfig"]["defaults"]
    assert told["title"]
    assert defaults["unit"]
    first, *others = defaults["thresholds"]["steps"]
    assert first["value"] is None, "the first holds from the lowest value on"
    values = [step["value"] for step in others]
    assert values == sorted(values)


@pytest.mark.parametrize("panel", PANELS, ids=named)
def test_a_panel_shows_what_was_chosen(panel: tuple[str, dict[str, Any]]) -> None:
    """What the whole site stands at is told once, whoever was chosen, and the panel says so."""
    name, told = panel
    assert told["datasource"]["uid"] == "${datasource}"
    about = dashboards()[name]["description"] + told["description"]
    for target in told["targets"]:
        assert target["datasource"]["uid"] == "${datasource}"
        chooses = "$job" in target["expr"] and "$instance" in target["expr"]
        assert chooses or SITE_WIDE.search(about)


def test_every_alert_is_reached_from_a_panel_and_its_link_leads_to_its_runbook() -> None:
    places = {panel["id"]: panel["title"] for panel in dashboards()["runbooks"]["panels"]}
    reached = set()
    for _, panel in PANELS:
        for link in panel["links"]:
            place = int(link["url"].removeprefix("/d/recruit-runbooks?viewPanel="))
            assert link["title"] == f"Runbook: {places[place]}"
            reached.add(places[place])
    assert reached == set(alerts()) == set(places.values())


@pytest.mark.parametrize("alert", sections())
def test_a_runbook_names_panels_that_one_can_find(alert: str) -> None:
    known = {(dashboards()[name]["title"], panel["title"]) for name, panel in PANELS}
    named = panels_named(sections()[alert])
    assert named, "it tells nobody where to look"
    assert named <= known


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.where)
def test_a_panel_asks_for_what_is_told(query: Query) -> None:
    assert list(promql.faults(query.asked, recorded())) == []


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.where)
def test_a_legend_names_labels_that_are_left(query: Query) -> None:
    *_, legend = query.where.split(" / ")
    wanted = set(re.findall(r"\{\{(\w+)\}\}", legend))
    kept = promql.grouped_by(query.asked)
    assert wanted <= (kept or promql.OF_EVERY_TARGET)


def test_every_metric_of_the_product_is_shown_somewhere() -> None:
    shown = {asked.name for query in queries() for asked in promql.selectors(query.asked)}
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in shown}
    told = {re.sub("_(bucket|sum|count)$", "", name) for name in promql.catalogue()}
    assert told - families == set()


@pytest.fixture
def prometheus_is_there() -> None:
    """Selector first: without it nothing else needs to be started."""
    installed("prometheus")


@pytest.fixture
def day(prometheus_is_there: None, site: Site, dingtalk: FakeDingtalk) -> Day:
    return Day(site, dingtalk)


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)  # many processes to start, on a machine that may be busy
async def test_on_an_interview_day_no_panel_is_empty_and_all_that_panels_name_is_told(
    day: Day, tmp_path: Path
) -> None:
    async with scraping(tmp_path, day.targets) as prometheus, browsing(day) as pages:
        empty = queries()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while empty:
                    await day.go_on(pages)
                    empty = [one for one in empty if not await prometheus.numbers(one.asked)]
        except TimeoutError:
            pytest.fail("Empty: " + "\n".join(f"{one.where}: {one.asked}" for one in empty))
        assert day.player.is_alive(), "the premise"
        untold = {one.where: await _untold(prometheus, one) for one in queries()}
        assert {where: names for where, names in untold.items() if names} == {}
        assert await prometheus.broken_rules() == {}


async def _untold(prometheus: Prometheus, query: Query) -> set[str]:
    """Names and labels in it that no series has."""
    named = {one for one in promql.selectors(query.asked) if one.name not in ONLY_IN_TROUBLE}
    borne = {one: await prometheus.labels(one.name) for one in named}
    untold = {one.name for one, labels in borne.items() if labels is None}
    for one, labels in borne.items():
        untold |= {label for label, _ in one.labels} - (labels or set())
    told = set().union(*(labels or set() for labels in borne.values()))
    return untold | (promql.grouped_by(query.asked) - told if named else set())
