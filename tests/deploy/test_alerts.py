"""Every alert is tested in both directions, has a runbook, and reads exported metrics only."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings

from deploy.grafana import build
from tests.support.contracts import promql
from tests.support.contracts.alerts import (
    CAUSE,
    PROMETHEUS,
    alerts,
    causes,
    read,
    recorded,
    rules,
    sections,
    tried,
)
from tests.support.contracts.panels import panels, queries
from tests.support.external.exporters import version
from tests.support.external.programs import DEPLOY, run

ALERTS = alerts()
ALWAYS_FIRING = {"Watchdog"}
PARTS_OF_A_RUNBOOK = ("Users notice", "Look at", "Likely causes", "Do", "Over when")


def test_prometheus_accepts_the_configuration(tmp_path: Path) -> None:
    copy = shutil.copytree(PROMETHEUS, tmp_path / "prometheus")
    (copy / "metrics_token").write_text("secret")
    run("promtool", "check", "config", copy / "prometheus.yml")


@pytest.mark.parametrize("path", sorted((PROMETHEUS / "tests").glob("*.yml")), ids=lambda p: p.stem)
def test_alerts_fire_when_they_should_and_only_then(path: Path) -> None:
    run("promtool", "test", "rules", path)


@pytest.mark.parametrize("path", sorted((PROMETHEUS / "tests").glob("*.yml")), ids=lambda p: p.stem)
def test_an_alert_test_evaluates_recording_rules_first(path: Path) -> None:
    """Without an order promtool uses a different one each time, with different results."""
    tested = read(path)
    loaded = [
        (name.endswith("records.yml"), group["name"])
        for name in tested["rule_files"]
        for group in read(path.parent / name)["groups"]
    ]
    records = [name for is_record, name in loaded if is_record]
    assert set(tested["group_eval_order"]) == {name for _, name in loaded}
    assert tested["group_eval_order"][: len(records)] == records


def test_alertmanager_accepts_the_configuration() -> None:
    run("amtool", "check-config", DEPLOY / "alertmanager" / "alertmanager.yml")


def test_every_alert_is_tested_with_series_that_fire_it_and_series_that_do_not() -> None:
    assert len(ALERTS) > 20
    inhibitors = ["Inhibitor", "LastingInhibitor"]
    wanted = {name: {True, False} for name in [*ALERTS, *inhibitors]}
    assert tried() == wanted | {name: {True} for name in ALWAYS_FIRING}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_states_its_urgency_and_its_texts_in_every_language(name: str) -> None:
    rule = ALERTS[name]
    urgencies = {"none"} if name in ALWAYS_FIRING else {"page", "ticket"}
    assert rule["labels"]["severity"] in urgencies
    languages = [code.replace("-", "_") for code, _ in settings.LANGUAGES if code != "en"]
    texts = {"summary", "description"}
    texts |= {f"{text}_{language}" for text in texts for language in languages}
    assert rule["annotations"].keys() == texts | {"dashboard_url", "runbook_url"}


@pytest.mark.parametrize("name", ALERTS)
def test_a_chinese_text_has_the_numbers_of_the_english_one(name: str) -> None:
    annotations = ALERTS[name]["annotations"]
    english, chinese = annotations["description"], annotations["description_zh_hans"]
    assert re.search(r"[\u4e00-\u9fff]", annotations["summary_zh_hans"])
    assert re.search(r"[\u4e00-\u9fff] | [\u4e00-\u9fff]", chinese) is None
    wanted = r"\$labels\.\w+|\$value"
    assert set(re.findall(wanted, chinese)) == set(re.findall(wanted, english))


@pytest.mark.parametrize("name", ALERTS)
def test_no_text_shows_a_value_with_all_its_digits(name: str) -> None:
    shown = re.findall(r"{{([^}]*\$value[^}]*)}}", " ".join(ALERTS[name]["annotations"].values()))
    assert [one for one in shown if "printf" not in one and "humanizeDuration" not in one] == []


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_links_to_its_runbook_and_to_a_panel_that_names_it(name: str) -> None:
    """If it fails, copy one of the expected addresses into the rule."""
    runbook = f"/d/recruit-runbooks?viewPanel={build.panel_id('text', name)}"
    about = {
        f"/d/recruit-{board}?viewPanel={panel['id']}"
        for board, panel in panels()
        if any(link["url"] == runbook for link in panel["links"])
    }
    base = "{{ $externalLabels.grafana_url }}"
    annotations = ALERTS[name]["annotations"]
    assert annotations["runbook_url"] == base + runbook
    assert annotations["dashboard_url"] in {base + address for address in about}


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert list(sections()) == sorted(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_a_runbook_has_the_five_parts_in_order(name: str) -> None:
    text = sections()[name]
    places = [text.find(f"**{part}.**") for part in PARTS_OF_A_RUNBOOK]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_reads_only_exported_series(rule: dict[str, str]) -> None:
    assert list(promql.faults(rule["expr"], recorded())) == []


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("recruit_ws_sockets_opne", "there is no recruit_ws_sockets_opne"),
        ("recruit_ws_sockets_open{person='1'}", "recruit_ws_sockets_open has no person"),
        ("sum by (kind) (recruit_ws_sockets_open)", "nothing has kind"),
        (
            "recruit_commit_to_paint_seconds_bucket{le='1'}",
            "recruit_commit_to_paint_seconds_bucket has no limit 1",
        ),
    ],
)
def test_a_query_for_an_unknown_series_or_label_is_found(expression: str, fault: str) -> None:
    """The premise of the test above."""
    assert list(promql.faults(expression, set())) == [fault]


def test_recorded_series_of_exporters_are_read_and_exported_by_the_versions_of_compose() -> None:
    expressions = [rule["expr"] for rule in rules()] + [query.asked for query in queries()]
    read_names = {asked.name for one in expressions for asked in promql.selectors(one)}
    services = read(DEPLOY / "compose.yml")["services"]
    for series in promql.exporter_series():
        assert series.name in read_names, f"{series.name} is recorded, but nothing reads it"
        image = services[f"{series.job}-exporter"]["image"]
        assert version(series.since) <= version(image)


def test_the_alert_about_a_cause_fires_on_the_condition_that_silences_others() -> None:
    for name in causes():
        assert f'{CAUSE}{{cause="{name}"}}' in ALERTS[name]["expr"]


def test_an_urgent_consequence_does_not_outlast_what_silences_it() -> None:
    """It would be sent as a new fault when the cause has been repaired."""
    config = read(DEPLOY / "alertmanager" / "alertmanager.yml")
    silenced = {
        name
        for rule in config["inhibit_rules"]
        if '"Inhibitor"' in rule["source_matchers"][0]
        for name in re.findall(r"[A-Z]\w+", rule["target_matchers"][0])
    }
    assert len(silenced) > 10
    for name in silenced:
        assert "keep_firing_for" not in ALERTS[name], name


def test_a_cause_silences_by_its_condition_never_by_its_smoothed_alert() -> None:
    """Otherwise a new fault would be hidden while the alert of a repaired one keeps firing."""
    config = read(DEPLOY / "alertmanager" / "alertmanager.yml")
    for rule in config["inhibit_rules"]:
        sources = " ".join(rule["source_matchers"])
        by_name = set(re.findall(r'alertname=~?"([^"]+)"', sources)[0].split("|"))
        if by_name <= {"Inhibitor", "LastingInhibitor"}:
            assert set(re.findall(r'cause=~?"([^"]+)"', sources)[0].split("|")) <= causes()
        else:
            assert not by_name & causes()


def test_only_tickets_and_shares_of_minutes_are_silenced_for_longer() -> None:
    config = read(DEPLOY / "alertmanager" / "alertmanager.yml")
    shares = {"ChangesSeenLate", "PagesSlow", "BoardsSlow"}
    for rule in config["inhibit_rules"]:
        if "LastingInhibitor" in rule["source_matchers"][0]:
            for name in re.findall(r"[A-Z]\w+", rule["target_matchers"][0]):
                assert name in shares or ALERTS[name]["labels"]["severity"] == "ticket", name


def test_inhibitors_are_sent_to_nobody() -> None:
    config = read(DEPLOY / "alertmanager" / "alertmanager.yml")
    watchdog, others, *_ = config["route"]["routes"]
    assert (watchdog["matchers"], watchdog["receiver"]) == (['alertname="Watchdog"'], "watchdog")
    assert (others["matchers"], others["receiver"]) == (['severity="none"'], "nobody")
    assert {"name": "nobody"} in config["receivers"]


def test_inhibition_rules_name_alerts_that_exist() -> None:
    config = read(DEPLOY / "alertmanager" / "alertmanager.yml")
    matchers = [
        matcher
        for rule in config["inhibit_rules"]
        for side in ("source_matchers", "target_matchers")
        for matcher in rule[side]
    ]
    named = {
        name
        for matcher in matchers
        if matcher.startswith("alertname")
        for name in re.findall(r"\w+", matcher.partition("=")[2])
    }
    assert named, "no rule names an alert: this test proves nothing"
    assert named <= {*ALERTS, "Inhibitor", "LastingInhibitor"}
