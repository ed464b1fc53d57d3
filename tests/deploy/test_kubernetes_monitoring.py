"""Rules, alert routing, dashboards and exporters in a cluster are those of the other sites."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.kubernetes import build
from tests.support.contracts.alerts import PROMETHEUS
from tests.support.contracts.alerts import rules as source_rules
from tests.support.contracts.panels import DASHBOARDS
from tests.support.external import operator_schemas
from tests.support.external.kubernetes import (
    KUBERNETES,
    Object,
    container_of,
    labels_of,
    of_kind,
    part_of,
    pod_of,
    selects,
)
from tests.support.external.programs import DEPLOY, run

BY_DIGEST = re.compile(r"[\w./-]+:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64}")
ALERTMANAGER = DEPLOY / "alertmanager"


@pytest.fixture(params=["production", "staging"])
def overlay(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def monitoring(overlay: str) -> list[Object]:
    return part_of(overlay, "recruit-live-monitoring")


def test_the_generated_files_match_their_sources() -> None:
    """If it fails, run: python -m deploy.grafana.build"""
    for name, text in build.files().items():
        assert (KUBERNETES / "monitoring" / name).read_text() == text, name


def test_every_rule_and_dashboard_reaches_the_cluster(monitoring: list[Object]) -> None:
    rules = [
        rule
        for one in of_kind(monitoring, "PrometheusRule").values()
        for group in one["spec"]["groups"]
        for rule in group["rules"]
    ]
    assert {one["alert"] for one in rules if "alert" in one} == {
        one["alert"] for one in source_rules() if "alert" in one
    }
    assert any("record" in rule for rule in rules)
    maps = of_kind(monitoring, "ConfigMap").values()
    found = [one["data"] for one in maps if "grafana_dashboard" in one["metadata"]["labels"]]
    texts = {name: text for data in found for name, text in data.items()}
    assert texts.keys() == {path.name for path in DASHBOARDS.glob("*.json")}
    for name, text in texts.items():
        assert json.loads(text) == json.loads((DASHBOARDS / name).read_text())


def test_prometheus_accepts_the_rules_of_the_cluster(tmp_path: Path) -> None:
    for one in build.manifests()["rules"]:
        path = tmp_path / f"{one['metadata']['name']}.yml"
        path.write_text(yaml.safe_dump(one["spec"]))
        run("promtool", "check", "rules", path)


def test_the_operator_leads_every_alert_to_our_routes(monitoring: list[Object]) -> None:
    """It adds to the routes that alerts must have the namespace of the object."""
    (config,) = of_kind(monitoring, "AlertmanagerConfig").values()
    for one in of_kind(monitoring, "PrometheusRule").values():
        for rule in (rule for group in one["spec"]["groups"] for rule in group["rules"]):
            if "alert" in rule:
                assert rule["labels"]["namespace"] == config["metadata"]["namespace"]


def test_alertmanager_gets_the_same_routes_receivers_and_inhibitions_from_the_operator(
    monitoring: list[Object], tmp_path: Path
) -> None:
    (config,) = of_kind(monitoring, "AlertmanagerConfig").values()
    made = as_alertmanager_reads(config["spec"])
    mails = [mail for receiver in made["receivers"] for mail in receiver.get("email_configs", [])]
    assert all(mail.pop("smarthost") and mail.pop("from") for mail in mails), "not in the object"
    original = yaml.safe_load((ALERTMANAGER / "alertmanager.yml").read_text())
    expected = as_alertmanager_reads({name: original[name] for name in made})
    without_texts(expected)
    without_texts(made)
    assert made == json.loads(
        json.dumps(expected).replace("http://127.0.0.1:8000/", "http://web.recruit-live.svc:8000/")
    )
    (tmp_path / "alerts_token").write_text("secret")
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(made | {"global": original["global"]}))
    run("amtool", "check-config", path)


def as_alertmanager_reads(value: Any) -> Any:
    """Returns a part of the object in the words of Alertmanager's own file."""
    if isinstance(value, list):
        return [as_alertmanager_reads(one) for one in value]
    if isinstance(value, str):
        return re.sub(r'^(\w+)(=~|!~|!=|=)"?([^"]*)"?$', r'\1\2"\3"', value)
    if not isinstance(value, dict):
        return value
    if value.keys() == {"name", "value", "matchType"}:
        return f'{value["name"]}{value["matchType"]}"{value["value"]}"'
    return dict(as_field_of_alertmanager(name, one) for name, one in value.items())


def as_field_of_alertmanager(name: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, dict) and value.keys() == {"name", "key"}:
        assert value["name"] == "recruit-live"
        name = {"urlSecret": "url"}.get(name, name)
        return f"{snake_case(name)}_file", value["key"]
    if name == "headers" and isinstance(value, list):
        return name, {one["key"]: one["value"] for one in value}
    renamed = {"sourceMatch": "source_matchers", "targetMatch": "target_matchers"}
    return renamed.get(name, snake_case(name)), as_alertmanager_reads(value)


def snake_case(name: str) -> str:
    return re.sub("[A-Z]+", lambda one: f"_{one[0].lower()}", name)


def without_texts(config: Object) -> None:
    """Removes the texts of mails, which another test compares."""
    for receiver in config["receivers"]:
        for mail in receiver.get("email_configs", []):
            del mail["headers"], mail["text"]


def test_mails_of_the_cluster_read_like_those_of_alertmanager(tmp_path: Path) -> None:
    """The object has no files of templates, so each text brings them along."""
    original = yaml.safe_load((ALERTMANAGER / "alertmanager.yml").read_text())
    spec = build.alertmanager_config()["spec"]
    compared = 0
    empty = tmp_path / "none.tmpl"
    empty.write_text("")
    for receiver, source in zip(spec["receivers"], original["receivers"], strict=True):
        pairs = zip(receiver.get("emailConfigs", []), source.get("email_configs", []), strict=True)
        for mail, written in pairs:
            headers = {one["key"]: one["value"] for one in mail["headers"]}
            for alone, by_file in (
                (headers["Subject"], written["headers"]["Subject"]),
                (mail["text"], written["text"]),
            ):
                expected = rendered(tmp_path, f"{ALERTMANAGER}/templates/*.tmpl", by_file)
                assert rendered(tmp_path, str(empty), alone) == expected
                compared += 1
    assert compared >= 2


def rendered(directory: Path, templates: str, text: str) -> str:
    """Returns what Alertmanager makes of this text for two alerts."""
    alert = {"labels": {"alertname": "SiteDown"}, "startsAt": "2026-01-31T02:15:00Z"}
    alert |= {"annotations": {"summary": "No web process responds", "link": "https://x.example"}}
    firing = [alert | {"status": status} for status in ("firing", "resolved")]
    (directory / "data.json").write_text(json.dumps({"status": "firing", "alerts": firing}))
    options = {"glob": templates, "text": text, "data": str(directory / "data.json")}
    given = [f"--template.{name}={value}" for name, value in options.items()]
    output = run("amtool", "template", "render", *given)
    assert "No web process responds" in output
    return output


def test_a_section_that_the_generator_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="bearer_token_file"):
        build._translated({"bearer_token_file": "token"}, str)


def test_the_schemas_refuse_what_the_operator_would_drop_or_refuse() -> None:
    config = build.alertmanager_config()
    operator_schemas.validate(config)
    for place in ("route", "routes"):
        wrong = copy.deepcopy(config)
        at = wrong["spec"]["route"]
        (at if place == "route" else at["routes"][0])["group_wait"] = "30s"
        with pytest.raises(jsonschema.ValidationError, match="group_wait"):
            operator_schemas.validate(wrong)
    (rule, *_) = build.manifests()["rules"]
    wrong = copy.deepcopy(rule)
    wrong["spec"]["groups"][0]["rules"][0]["for"] = "two minutes"
    with pytest.raises(jsonschema.ValidationError, match="two minutes"):
        operator_schemas.validate(wrong)


def test_exporters_are_scraped_under_the_job_names_of_the_rules(monitoring: list[Object]) -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    names = {job["job_name"] for job in config["scrape_configs"]}
    (monitor,) = of_kind(monitoring, "ServiceMonitor").values()
    (probe,) = of_kind(monitoring, "Probe").values()
    (node,) = of_kind(monitoring, "ScrapeConfig").values()
    jobs = {"blackbox": probe, "node": node}
    assert {one["spec"]["jobName"] for one in (probe, node)} == jobs.keys()
    for endpoint in monitor["spec"]["endpoints"]:
        (relabeling,) = endpoint["relabelings"]
        assert relabeling["targetLabel"] == "job"
        jobs[relabeling["replacement"]] = endpoint
    assert jobs.keys() == {name for name in names if not name.startswith("recruit-")} - OF_ITSELF
    services, pods = of_kind(monitoring, "Service"), of_kind(monitoring, "Deployment")
    assert selects(monitor["spec"]["selector"], services["exporters"]["metadata"]["labels"])
    for service in services.values():
        behind = [
            one
            for one in pods.values()
            if service["spec"]["selector"].items() <= labels_of(one).items()
        ]
        served = {port["name"] for one in behind for port in container_of(one)["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= served
    host, port = probe["spec"]["prober"]["url"].split(":")
    assert host == "blackbox-exporter.recruit-live.svc"
    assert int(port) == services["blackbox-exporter"]["spec"]["ports"][0]["port"]


OF_ITSELF = {"prometheus", "alertmanager"}  # the cluster's own, which scrape themselves


def test_a_cluster_scrapes_and_evaluates_as_often_as_other_sites(
    overlay: str, monitoring: list[Object]
) -> None:
    """Rules look back for three scrapes and wait for seconds: other intervals are other alerts."""
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    every = config["global"]["scrape_interval"]
    (probed,) = (job for job in config["scrape_configs"] if job["job_name"] == "blackbox")
    objects = monitoring + part_of(overlay, "recruit-live")
    (probe,) = of_kind(monitoring, "Probe").values()
    assert probe["spec"]["interval"] == probed["scrape_interval"]
    found = [one["spec"]["scrapeInterval"] for one in of_kind(objects, "ScrapeConfig").values()]
    found += [
        endpoint["interval"]
        for one in of_kind(objects, "ServiceMonitor").values()
        for endpoint in one["spec"]["endpoints"]
    ]
    assert len(found) == 6
    assert set(found) == {every}
    evaluated = config["global"]["evaluation_interval"]
    for one in of_kind(monitoring, "PrometheusRule").values():
        assert {group["interval"] for group in one["spec"]["groups"]} == {evaluated}


def test_the_probe_opens_the_site_of_its_cluster(overlay: str, monitoring: list[Object]) -> None:
    (probe,) = of_kind(monitoring, "Probe").values()
    settings = (KUBERNETES / "overlays" / overlay / "settings.env").read_text()
    (address,) = re.findall(r"^SITE_URL=(.*)$", settings, re.MULTILINE)
    assert probe["spec"]["targets"]["staticConfig"]["static"] == [f"{address}/readyz"]
    (volume,) = pod_of(of_kind(monitoring, "Deployment")["blackbox-exporter"])["volumes"]
    mounted = of_kind(monitoring, "ConfigMap")[volume["configMap"]["name"]]["data"]
    assert mounted == {"blackbox.yml": (PROMETHEUS / "blackbox.yml").read_text()}
    assert probe["spec"]["module"] in yaml.safe_load(mounted["blackbox.yml"])["modules"]


def test_an_exporter_has_few_rights_and_an_image_by_digest(monitoring: list[Object]) -> None:
    pods = of_kind(monitoring, "Deployment")
    assert len(pods) == 3
    policies = of_kind(monitoring, "NetworkPolicy").values()
    for workload in pods.values():
        pod, container = pod_of(workload), container_of(workload)
        assert BY_DIGEST.fullmatch(container["image"])
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["limits"]["memory"]
        mine = [
            one["spec"]
            for one in policies
            if selects(one["spec"]["podSelector"], labels_of(workload))
        ]
        (served,) = container["ports"]
        entries = [
            port["port"]
            for one in mine
            for rule in one.get("ingress", [])
            for port in rule["ports"]
        ]
        assert served["containerPort"] in entries
        assert any("egress" in one for one in mine)


def test_compose_and_clusters_run_the_same_exporters(monitoring: list[Object]) -> None:
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    for name, workload in of_kind(monitoring, "Deployment").items():
        assert container_of(workload)["image"] == services[name]["image"]
