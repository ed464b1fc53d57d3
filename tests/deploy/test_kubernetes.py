"""The Kubernetes objects fit their schemas and each other, and pods have few rights."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.conf import settings

from deploy.docs import configuration
from monitoring.metrics.metrics import SOCKETS_OPEN
from project.environment.reader import Environment, read_environment
from project.environment.values import PROCESSES
from project.running.processes import commands
from project.servers import FINISH_SECONDS
from realtime.hub.registry import GOODBYE_SECONDS
from tests.support.external import operator_schemas
from tests.support.external.dockerfile import stages
from tests.support.external.kubernetes import (
    KUBERNETES,
    Object,
    container_of,
    labels_of,
    objects,
    of_kind,
    part_of,
    pod_of,
    selects,
    unrendered_objects,
)
from tests.support.external.programs import DEPLOY

VERSION = "1.30"  # the oldest supported version
OVERLAYS = ("production", "staging")
PRODUCT, MONITORING = "recruit-live", "recruit-live-monitoring"
SECRETS = "/run/secrets/recruit/"
SECRET_TEXTS = {
    "database_url": "postgresql://recruit@10.0.0.9/recruit",
    "database_direct_url": "postgresql://recruit@10.0.0.8/recruit",
    "redis_url": "redis://10.0.0.9/0",
    "broker_url": "amqps://recruit@10.0.0.7/recruit",
    "sentry_dsn": "https://key@sentry.example.com/1",
    "dingtalk_robots": "{}",
}
NOT_IN_CLUSTERS = {
    "private_dir",  # a directory of the volume, below DATA_DIR
    "log_dir",  # pods write their log to the standard output
    "sentry_release",  # the version of the image
    "backup_gpg_recipient",  # pods have no keyring; age needs none
    "script_bundler",  # of the image's build
    "email_catcher",  # of Compose; in a cluster EMAIL_HOST is given
}
DNS = 53
PORTS = {"http": {8000, 5555}, "metrics": {9101}}
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")


@pytest.fixture(params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def site(overlay: str) -> list[Object]:
    return part_of(overlay, PRODUCT)


@pytest.fixture
def workloads(site: list[Object]) -> dict[str, Object]:
    return of_kind(site, "Deployment", "Job")


def is_valid(one: Object) -> None:
    if one["apiVersion"].startswith("monitoring.coreos.com/"):
        operator_schemas.validate(one)
    else:
        kubernetes_validate.validate(one, VERSION, strict=True)


def test_the_objects_fit_the_schemas_before_they_are_rendered() -> None:
    found = [one for one in unrendered_objects() if one["kind"] not in ("Deployment", "Job")]
    assert len(found) > 35
    for one in found:
        is_valid(one)


def test_the_rendered_objects_fit_the_schemas(overlay: str) -> None:
    found = objects(overlay)
    for one in found:
        is_valid(one)
        assert one["kind"] == "Namespace" or one["metadata"]["namespace"] == "recruit-live"
    parts = [len(part_of(overlay, name)) for name in (PRODUCT, MONITORING)]
    assert sum(parts) == len(found)
    assert all(parts)


def test_a_pod_has_no_rights_beyond_its_work(workloads: dict[str, Object]) -> None:
    for workload in workloads.values():
        pod, process = pod_of(workload), container_of(workload)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False, "service variables would override settings"
        assert process["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert process["resources"]["limits"]["memory"]
        assert {mount["mountPath"] for mount in process["volumeMounts"]} >= {"/data", "/tmp"}


def test_every_process_is_deployed_and_every_queue_has_a_worker(
    workloads: dict[str, Object],
) -> None:
    version = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["project"]["version"]
    processes = [container_of(workload) for workload in workloads.values()]
    assert {process["image"] for process in processes} == {f"recruit-live:{version}"}
    started = {process["args"][0] for process in processes}
    assert started == {"web", "relay", "worker", "beat", "flower", "migrate"}
    queues = [one["args"][2] for one in processes if one["args"][0] == "worker"]
    consumed = [queue for given in queues for queue in given.split(",")]
    assert sorted(consumed) == sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)


def test_selectors_match_the_pods_they_are_meant_for(
    site: list[Object], workloads: dict[str, Object]
) -> None:
    labels = {name: labels_of(workload) for name, workload in workloads.items()}
    for name, deployment in of_kind(site, "Deployment").items():
        chosen = [one for one in labels if selects(deployment["spec"]["selector"], labels[one])]
        assert chosen == [name]
    budgets = of_kind(site, "PodDisruptionBudget")
    assert set(budgets) == {"web", "relay", "worker", "worker-bulk", "beat"}
    for name, budget in budgets.items():
        assert selects(budget["spec"]["selector"], labels[name])
    assert of_kind(site, "Service")["web"]["spec"]["selector"].items() <= labels["web"].items()


def test_prometheus_scrapes_every_process_under_the_job_name_of_the_rules(
    site: list[Object], workloads: dict[str, Object]
) -> None:
    services = of_kind(site, "Service")
    (monitor,) = of_kind(site, "ServiceMonitor").values()
    watched = [
        one
        for one in services.values()
        if selects(monitor["spec"]["selector"], one["metadata"]["labels"])
    ]
    assert [one["metadata"]["name"] for one in watched] == ["metrics"]
    jobs = {
        name: jobs_of(workload, watched[0], monitor["spec"]["endpoints"])
        for name, workload in workloads.items()
    }
    assert jobs.pop("worker-bulk") == jobs["worker"], "workers of every queue are one job"
    assert jobs.pop("flower") == jobs.pop("migrate") == set()
    assert jobs == {name: {f"recruit-{name}"} for name in ("web", "relay", "worker", "beat")}
    (scrape,) = of_kind(site, "ScrapeConfig").values()
    text = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
    assert {scrape["spec"]["jobName"]}.union(*jobs.values()) == set(
        re.findall(r"job_name: (recruit-\w+)", text)
    )


def jobs_of(workload: Object, service: Object, endpoints: list[Object]) -> set[str]:
    """Returns the jobs under which the Prometheus Operator scrapes the workload's pods."""
    if not service["spec"]["selector"].items() <= labels_of(workload).items():
        return set()
    served = {port["name"] for port in container_of(workload).get("ports", [])}
    behind = {one["name"] for one in service["spec"]["ports"] if one["targetPort"] in served}
    jobs = (
        job_of(labels_of(workload)["app.kubernetes.io/name"], endpoint["relabelings"])
        for endpoint in endpoints
        if endpoint["port"] in behind
    )
    return {job for job in jobs if job}


def job_of(name: str, relabelings: list[Object]) -> str:
    """Returns the job that these rules derive from a pod's name; "" if they drop it."""
    job = ""
    for rule in relabelings:
        found = re.fullmatch(rule.get("regex", ".*"), name)
        if rule.get("action") == "keep" and not found:
            return ""
        if found and rule.get("targetLabel") == "job":
            job = found.expand(rule["replacement"].replace("$1", r"\1"))
    return job


def test_declared_ports_are_those_that_processes_serve(workloads: dict[str, Object]) -> None:
    for workload in workloads.values():
        process = container_of(workload)
        for port in process.get("ports", []):
            assert port["containerPort"] in PORTS[port["name"]]
        names = {port["name"] for port in process.get("ports", [])}
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            said = process.get(probe, {})
            assert not said or "exec" in said or said["httpGet"]["port"] in names


@pytest.mark.parametrize("with_offered", [False, True])
def test_the_settings_are_known_and_valid(
    overlay: str,
    site: list[Object],
    with_offered: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for setting in Environment.model_fields:
        monkeypatch.delenv(setting.upper(), raising=False)
    (found,) = of_kind(site, "ConfigMap").values()
    given = found["data"] | (offered(overlay) if with_offered else {})
    for name, value in given.items():
        setting = name.removesuffix("_FILE").lower()
        assert setting in Environment.model_fields, name
        if name.endswith("_FILE"):
            assert value == f"{SECRETS}{setting}"
            text = SECRET_TEXTS.get(setting, "a-long-text-that-nobody-knows-yet")
            (tmp_path / setting).write_text(text)
        monkeypatch.setenv(name, value.replace(SECRETS, f"{tmp_path}/"))
    environment = read_environment()
    assert not environment.debug
    assert environment.tls_proxy
    host = of_kind(site, "Ingress")["web"]["spec"]["rules"][0]["host"]
    assert environment.allowed_hosts == [host]
    assert environment.metrics_port in PORTS["metrics"]


def offered(overlay: str) -> dict[str, str]:
    """Returns the settings that the overlay has as comments, to be used by those who need them."""
    text = (KUBERNETES / "overlays" / overlay / "settings.env").read_text()
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_every_setting_without_a_default_is_given_or_offered(
    overlay: str, site: list[Object], workloads: dict[str, Object]
) -> None:
    (config,) = of_kind(site, "ConfigMap").values()
    jobs = [one["spec"]["jobTemplate"] for one in of_kind(site, "CronJob").values()]
    containers = [container_of(one) for one in (*workloads.values(), *jobs)]
    in_pods = {one["name"] for container in containers for one in container.get("env", [])}
    in_image = stages()["site"].environment
    names = {*config["data"], *offered(overlay), *in_pods, *in_image}
    known = {name.removesuffix("_FILE").lower() for name in names}
    empty = {
        name for name, field in Environment.model_fields.items() if field.default in ("", None, {})
    }
    assert {*empty} - known == NOT_IN_CLUSTERS


def test_all_processes_read_the_same_settings_and_secrets(
    site: list[Object], workloads: dict[str, Object]
) -> None:
    (name,) = of_kind(site, "ConfigMap")
    for workload in workloads.values():
        assert container_of(workload)["envFrom"] == [{"configMapRef": {"name": name}}]
        volumes = {volume["name"]: volume for volume in pod_of(workload)["volumes"]}
        assert volumes["secrets"]["secret"]["secretName"] == "recruit-live"
        claim = volumes["uploads"]["persistentVolumeClaim"]["claimName"]
        assert claim in of_kind(site, "PersistentVolumeClaim")


def test_backup_and_restore_run_like_the_other_pods_beside_the_archives(
    site: list[Object], workloads: dict[str, Object]
) -> None:
    """The CronJob has no patch of its own, and the job that restores is in no overlay."""
    migrate, (cron,) = workloads["migrate"], of_kind(site, "CronJob").values()
    restore = yaml.safe_load((DEPLOY / "kubernetes" / "restore.yaml").read_text())
    is_valid(restore)
    for workload in (cron["spec"]["jobTemplate"], restore):
        pod, process, other = pod_of(workload), container_of(workload), container_of(migrate)
        for name in ("securityContext", "automountServiceAccountToken", "enableServiceLinks"):
            assert pod[name] == pod_of(migrate)[name]
        for name in ("securityContext", "image"):
            assert process[name] == other[name]
        mounted = {mount["mountPath"]: mount for mount in process["volumeMounts"]}
        assert mounted.keys() == {m["mountPath"] for m in other["volumeMounts"]} | {"/backups"}
        is_restore = process["args"][0] == "restore"
        assert mounted["/backups"].get("readOnly", False) is is_restore
        assert mounted["/data/private"].get("readOnly", False) is not is_restore
        assert labels_of(workload)["app.kubernetes.io/part-of"] == "recruit-live"
    assert container_of(cron["spec"]["jobTemplate"])["envFrom"] == container_of(migrate)["envFrom"]
    claims = of_kind(site, "PersistentVolumeClaim")
    assert {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod_of(restore)["volumes"]
        if "persistentVolumeClaim" in volume
    } == claims.keys()


def test_network_policies_deny_all_traffic_they_do_not_name(site: list[Object]) -> None:
    policies = of_kind(site, "NetworkPolicy")
    assert policies["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, policy in policies.items():
        for rule in policy["spec"].get("ingress", []):
            assert rule["from"], f"{name} allows traffic from everywhere"
        for rule in policy["spec"].get("egress", []):
            assert rule["ports"], f"{name} allows traffic to every port"
    mail = policies["mail"]["spec"]["podSelector"]
    assert selects(mail, {"app.kubernetes.io/name": "worker"})
    assert not selects(mail, {"app.kubernetes.io/name": "web"})


def test_policies_allow_each_process_the_ports_of_its_settings_and_no_others(
    site: list[Object], workloads: dict[str, Object]
) -> None:
    jobs = [one["spec"]["jobTemplate"] for one in of_kind(site, "CronJob").values()]
    policies = of_kind(site, "NetworkPolicy").values()
    seen = set()
    for workload in (*workloads.values(), *jobs):
        process, labels = container_of(workload)["args"][0], labels_of(workload)
        allowed = {
            port["port"]
            for policy in policies
            if selects(policy["spec"]["podSelector"], labels)
            for rule in policy["spec"].get("egress", [])
            for port in rule["ports"]
        }
        declared = [ports for ports, by in configuration.connections().values() if process in by]
        assert allowed - {DNS} == {port for ports in declared for port in ports}, process
        seen.add(process)
    assert seen == set(PROCESSES)


def test_a_pod_gets_enough_time_to_stop(site: list[Object], workloads: dict[str, Object]) -> None:
    web = workloads["web"]
    wait = float(container_of(web)["lifecycle"]["preStop"]["exec"]["command"][1])
    grace = pod_of(web)["terminationGracePeriodSeconds"]
    assert grace > wait + GOODBYE_SECONDS + FINISH_SECONDS
    (config,) = of_kind(site, "ConfigMap").values()
    for name in ("worker", "worker-bulk"):
        grace = pod_of(workloads[name])["terminationGracePeriodSeconds"]
        assert grace > float(config["data"]["WORKER_STOP_SECONDS"]) + 5


def test_a_pod_is_not_restarted_while_it_waits_for_migrations() -> None:
    """It ends by itself after MIGRATION_WAIT_SECONDS, with a sentence that says what is missing."""
    found = [container_of(one) for one in of_kind(unrendered_objects(), "Deployment").values()]
    processes = [one for one in found if one.get("args", [""])[0] in commands()]
    assert len(processes) == 6
    for process in processes:
        probe = process["startupProbe"]
        patience = probe["periodSeconds"] * probe["failureThreshold"]
        assert patience > settings.MIGRATION_WAIT_SECONDS, process["args"]


def test_a_pod_without_redis_stays_in_service(workloads: dict[str, Object]) -> None:
    web = container_of(workloads["web"])
    assert web["startupProbe"]["httpGet"]["path"] == "/readyz"
    assert web["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert web["livenessProbe"]["httpGet"]["path"] == "/healthz"
    strategy = workloads["web"]["spec"]["strategy"]["rollingUpdate"]
    assert strategy == {"maxSurge": 1, "maxUnavailable": 0}


def test_the_number_of_pods_follows_the_number_of_sockets(
    site: list[Object], workloads: dict[str, Object]
) -> None:
    scaler = of_kind(site, "HorizontalPodAutoscaler")["web"]["spec"]
    assert scaler["scaleTargetRef"]["name"] == "web"
    assert "replicas" not in workloads["web"]["spec"], "each apply would reset the scaling"
    (metric,) = scaler["metrics"]
    assert metric["pods"]["metric"]["name"] == SOCKETS_OPEN.describe()[0].name
    assert int(metric["pods"]["target"]["averageValue"]) < settings.SOCKETS_PER_PROCESS


def test_visitors_cannot_reach_operations_pages(site: list[Object]) -> None:
    (rule,) = of_kind(site, "Ingress")["web"]["spec"]["rules"]
    leads: dict[str, Any] = {
        path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]
    }
    assert leads == {"/": "web", "/metrics": "nobody", "/alerts": "nobody"}
    assert "selector" not in of_kind(site, "Service")["nobody"]["spec"]
