"""The Compose site: each container gets what it needs, and no more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from project.environment.reader import Environment, read_environment
from project.servers import FINISH_SECONDS
from realtime.hub.registry import GOODBYE_SECONDS
from tests.deploy.test_env_example import example
from tests.support.external.alertmanager import receiver
from tests.support.external.programs import DEPLOY, installed, run

COMPOSE = DEPLOY / "compose.yml"
PINNED = re.compile(r"[\w./-]+:v?\d+\.\d+(\.\d+)?[\w.-]*@sha256:[0-9a-f]{64}")
FOR_EVERYBODY = {"nginx"}
DECIDED = {  # by how the containers are connected, and by the secrets that compose delivers
    *("DEBUG", "TLS_PROXY", "TRUSTED_PROXIES", "DATA_DIR", "STATIC_DIR", "BACKUP_DIR"),
    *("METRICS_HOST", "METRICS_PORT", "LOG_FORMAT", "WORKER_STOP_SECONDS"),
    *("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "METRICS_TOKEN", "ALERTS_TOKEN"),
    *("DINGTALK_ROBOTS", "FLOWER_PASSWORD", "EMAIL_CATCHER", "ALERTMANAGER_URL"),
}
EXPORTER_PORTS = {"postgres": "9187", "redis": "9121", "node": "9100"}  # their defaults
SITE = "https://board.example.com"
HOST = {"ALLOWED_HOSTS": "board.example.com", "TRUSTED_ORIGINS": "https://board.example.com"}


def compose() -> dict[str, Any]:
    """Returns the file as Compose reads it before the first release is deployed."""
    text = re.sub(r"\$\{RECRUIT_RELEASE:-(.*?)\}", r"\1", COMPOSE.read_text())
    found: dict[str, Any] = yaml.safe_load(text)
    return found


SERVICES: dict[str, dict[str, Any]] = compose()["services"]
OURS = {name: one for name, one in SERVICES.items() if one.get("env_file")}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets that our script creates."""
    installed("openssl")
    directory = tmp_path_factory.mktemp("secrets")
    command = [DEPLOY / "compose" / "secrets.sh", "board.example.com", directory]
    for _ in range(2):
        subprocess.run(command, check=True)
        first = {path.name: path.read_text() for path in directory.iterdir()}
    assert first == {path.name: path.read_text() for path in directory.iterdir()}, "kept"
    return directory


def test_the_compose_file_fits_its_schema() -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [checker, "--builtin-schema", "vendor.compose-spec", COMPOSE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_few_rights_and_bounded_resources(name: str) -> None:
    service = SERVICES[name]
    is_ours = service["image"].startswith("recruit-live")  # built here
    assert is_ours or PINNED.fullmatch(service["image"]), service["image"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["logging"]["options"]["max-size"]
    assert "privileged" not in service


def test_our_images_have_our_version() -> None:
    version = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["project"]["version"]
    images = {one["image"] for one in SERVICES.values() if one["image"].startswith("recruit")}
    assert images == {f"recruit-live:{version}", f"recruit-live-edge:{version}"}


@pytest.mark.parametrize("name", SERVICES)
def test_only_nginx_is_reachable_from_outside(name: str) -> None:
    service = SERVICES[name]
    for port in service.get("ports", []):
        assert name in FOR_EVERYBODY or port.startswith("127.0.0.1:"), port
    networks = set(service["networks"])
    assert networks <= set(compose()["networks"])
    assert ("front" in networks) == (name in {"nginx", "web"}), "web trusts this network"
    assert (name == "nginx") == ("front" in networks and "back" not in networks)
    assert compose()["networks"]["back"]["internal"] is True


@pytest.mark.parametrize("name", SERVICES)
def test_a_containers_volumes_and_secrets_exist(name: str, secrets: Path) -> None:
    service = SERVICES[name]
    declared = compose()
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (DEPLOY / source).exists() or source in declared["volumes"], source
    for secret in service.get("secrets", []):
        assert declared["secrets"][secret] == {"file": f"secrets/{secret}"}
        assert (secrets / secret).read_text().strip()
    read = re.findall(r"/run/secrets/(\w+)", str(service.get("environment", "")))
    assert set(read) <= set(service.get("secrets", []))


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_waits_only_for_services_with_a_health_check(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        awaited = SERVICES[other]
        if how["condition"] == "service_healthy":
            has_check = awaited.get("healthcheck") or awaited in OURS.values()
            assert has_check, f"{other} has no health check"
        else:
            assert (other, how["condition"]) == ("migrate", "service_completed_successfully")


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_our_processes_are_known_and_valid(
    name: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in Environment.model_fields:
        monkeypatch.delenv(setting.upper(), raising=False)
    given = example() | {"SITE_URL": "https://board.example.com"} | HOST
    given |= environment_of(name, given)
    for key, value in given.items():
        assert key.removesuffix("_FILE").lower() in Environment.model_fields, key
        monkeypatch.setenv(key, value.replace("/run/secrets", str(secrets)))
    environment = read_environment()
    assert not environment.debug
    assert environment.database_url.endswith("@postgres:5432/recruit")
    (network,) = compose()["networks"]["front"]["ipam"]["config"]
    assert [str(one) for one in environment.trusted_proxies] == [network["subnet"]]


@pytest.mark.parametrize("name", OURS)
def test_settings_of_the_env_file_hold_unless_containers_decide_them(name: str) -> None:
    """Addresses that people open are theirs to choose; those of containers are not."""
    environment = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
    for setting in ("GRAFANA_URL", "FLOWER_URL"):
        chosen = f"https://{setting.lower()}.example.com"
        assert interpolated(environment[setting], {setting: chosen}) == chosen
    fixed = {key.removesuffix("_FILE") for key, value in environment.items() if "${" not in value}
    assert fixed <= DECIDED


def test_every_process_runs_and_every_queue_has_a_worker() -> None:
    started = [service["command"][0] for service in OURS.values()]
    assert set(started) == {"web", "relay", "worker", "beat", "flower", "migrate", "backup"}
    assert SERVICES["web"]["deploy"]["replicas"] == 2
    consumed = [
        queue
        for service in OURS.values()
        if "--queues" in service["command"]
        for queue in service["command"][service["command"].index("--queues") + 1].split(",")
    ]
    assert sorted(consumed) == sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)


@pytest.mark.parametrize("name", OURS)
def test_a_process_reaches_servers_outside_such_as_sentry(name: str) -> None:
    networks = compose()["networks"]
    is_internal = [
        (networks[one] or {}).get("internal", False) for one in SERVICES[name]["networks"]
    ]
    assert not all(is_internal)


def test_a_process_gets_enough_time_to_stop() -> None:
    web = int(SERVICES["web"]["stop_grace_period"].removesuffix("s"))
    assert web > GOODBYE_SECONDS + FINISH_SECONDS
    for name in ("worker", "worker-bulk"):
        service = SERVICES[name]
        assert service["stop_grace_period"] == "1m"
        assert float(service["environment"]["WORKER_STOP_SECONDS"]) < 55


def environment_of(name: str, dotenv: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables of a container, with the values that Compose takes from .env."""
    return {
        key: interpolated(str(value), dotenv)
        for key, value in SERVICES[name]["environment"].items()
    }


def interpolated(text: str, dotenv: Mapping[str, str]) -> str:
    while match := re.search(r"\$\{(\w+):[-?]([^${}]*)\}", text):
        text = text.replace(match[0], dotenv.get(match[1]) or match[2])
    return text


def started(name: str, directory: Path, **dotenv: str) -> str:
    """Returns the configuration as the container writes it at its start, to this directory."""
    shell, end = " ".join(SERVICES[name]["command"]).split(" && exec ")
    assert end.startswith(f"{name} --config.file=/tmp/{name}.yml ")
    mounted = [volume.split(":") for volume in SERVICES[name]["volumes"]]
    paths = {target: str(DEPLOY / source) for source, target, *_ in mounted}
    paths |= {f"/etc/{name}": str(DEPLOY / name), "/tmp": str(directory)}
    shell = re.sub(r"/(etc|tmp)\b[/\w.]*", lambda path: paths.get(path[0], path[0]), shell)
    shell = shell.replace("$$", "$").replace(f"/tmp/{name}.yml", f"{directory}/{name}.yml")
    env = environment_of(name, dotenv) | {"PATH": os.environ["PATH"]}
    subprocess.run(["sh", "-c", shell], env=env, capture_output=True, text=True, check=True)
    return (directory / f"{name}.yml").read_text()


def targets(job: dict[str, Any]) -> list[str]:
    (static,) = job["static_configs"]
    found: list[str] = static["targets"]
    return found


def test_prometheus_scrapes_every_process_by_its_service_name(tmp_path: Path) -> None:
    grafana = "https://grafana.example.com"
    text = started("prometheus", tmp_path, SITE_URL=SITE, GRAFANA_URL=grafana)
    config = yaml.safe_load(text)
    assert config["global"]["external_labels"] == {"grafana_url": grafana}
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert "file_sd_configs" not in str(config)
    read: list[str] = []
    for job in jobs.values():
        for found in job.get("dns_sd_configs", []):
            read += found["names"]
            port = 8000 if found["names"] == ["web"] else 9101
            assert found["port"] == port
    assert sorted(read) == sorted(set(OURS) - {"migrate", "flower", "backup"})
    assert targets(jobs["recruit-site"]) == ["web:8000"], "scraped once"
    for name in ("postgres", "redis", "node"):
        ((host, port),) = (target.split(":") for target in targets(jobs[name]))
        assert host == f"{name}-exporter"
        assert port == EXPORTER_PORTS[name]
        assert "back" in SERVICES[host]["networks"]
    assert targets(jobs["blackbox"]) == ["https://board.example.com/readyz"]
    assert jobs["blackbox"]["relabel_configs"][-1]["replacement"] == "blackbox-exporter:9115"
    assert SERVICES["blackbox-exporter"]["networks"] == ["watch"], "as far away as a visitor"
    assert "alertmanager:9093" in str(config["alerting"])
    assert targets(jobs["alertmanager"]) == ["alertmanager:9093"]
    assert targets(jobs["prometheus"]) == ["localhost:9090"]
    (tmp_path / "token").write_text("x")
    there = text.replace("/run/secrets/metrics_token", str(tmp_path / "token"))
    there = there.replace("/etc/prometheus/rules", str(DEPLOY / "prometheus" / "rules"))
    (tmp_path / "prometheus.yml").write_text(there)
    run("promtool", "check", "config", tmp_path / "prometheus.yml")


def alertmanager(directory: Path, **dotenv: str) -> dict[str, Any]:
    text = started("alertmanager", directory, SITE_URL=SITE, **dotenv)
    assert "127.0.0.1" not in text
    run("amtool", "check-config", directory / "alertmanager.yml")
    found: dict[str, Any] = yaml.safe_load(text)
    (webhook,) = receiver(found, "operations")["webhook_configs"]
    assert webhook["url"] == "http://web:8000/alerts/dingtalk/"
    return found


def test_alertmanager_sends_no_mail_and_calls_nobody_until_the_settings_say_whom(
    tmp_path: Path,
) -> None:
    config = alertmanager(tmp_path)
    assert receiver(config, "operations-by-mail") == {"name": "operations-by-mail"}
    assert receiver(config, "watchdog") == {"name": "watchdog"}


def test_alertmanager_sends_to_the_mail_catcher_without_a_mail_server(tmp_path: Path) -> None:
    config = alertmanager(tmp_path, ALERT_EMAILS="ops@example.com", EMAIL_USER="recruit")
    assert config["global"]["smtp_smarthost"] == environment_of("web", {})["EMAIL_CATCHER"]
    assert config["global"]["smtp_require_tls"] is False
    assert "smtp_auth_username" not in config["global"]


def test_alertmanager_uses_the_settings_of_the_site(tmp_path: Path) -> None:
    config = alertmanager(
        tmp_path,
        ALERT_EMAILS="ops@example.com,night@example.com",
        ALERT_LANGUAGE="en",
        WATCHDOG_URL="https://hc.example/ping?key=a&b#c",
        EMAIL_HOST="smtp.example.org",
        EMAIL_USER="o'neill",
        EMAIL_PASSWORD="it's & #1",
        EMAIL_FROM="Recruit <recruit@example.org>",
    )
    password = tmp_path / "email_password"
    assert config["global"] == {
        "resolve_timeout": "5m",
        "smtp_smarthost": "smtp.example.org:587",
        "smtp_require_tls": True,
        "smtp_auth_username": "o'neill",
        "smtp_auth_password_file": str(password),
        "smtp_from": "Recruit <recruit@example.org>",
    }
    assert password.read_text() == "it's & #1"
    assert password.stat().st_mode & 0o077 == 0
    (mail,) = receiver(config, "operations-by-mail")["email_configs"]
    assert mail["to"] == "ops@example.com,night@example.com"
    assert mail["text"] == '{{ template "recruit.en.text" . }}'
    (watchdog,) = receiver(config, "watchdog")["webhook_configs"]
    assert watchdog == {"url": "https://hc.example/ping?key=a&b#c", "send_resolved": False}
    assert f"{SITE}/ops/" in (tmp_path / "templates" / "mail.tmpl").read_text()


@pytest.mark.parametrize(
    ("dotenv", "language"),
    [({}, "zh-hans"), ({"LANGUAGE": "en"}, "en"), ({"LANGUAGE": "zh-hans"}, "zh-hans")],
)
def test_alertmanager_writes_in_the_language_of_the_site(
    tmp_path: Path, dotenv: dict[str, str], language: str
) -> None:
    config = alertmanager(tmp_path, ALERT_EMAILS="ops@example.com", **dotenv)
    (mail,) = receiver(config, "operations-by-mail")["email_configs"]
    assert mail["text"] == f'{{{{ template "recruit.{language}.text" . }}}}'


def test_the_site_and_alertmanager_read_the_same_settings() -> None:
    names = {name.upper() for name in Environment.model_fields}
    assert set(SERVICES["alertmanager"]["environment"]) <= names
