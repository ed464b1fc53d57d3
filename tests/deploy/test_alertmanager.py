"""A real Alertmanager sends signed messages to a fake DingTalk, each once, without the alerts that
only follow from another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.support.contracts.alerts import alerts, read
from tests.support.external.fake_dingtalk import SECRET, FakeDingtalk
from tests.support.external.programs import DEPLOY, free_port, serving
from tests.support.external.smtp_server import SmtpServer
from tests.support.product.processes import Site
from tests.support.robots import clear_rate_limits
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("alertmanager"),
]

TOKEN = "alertmanager-may-post"


@pytest.fixture(scope="module")
def lasting_chat() -> Iterator[FakeDingtalk]:
    with FakeDingtalk() as fake:
        yield fake


@pytest.fixture(scope="module")
def web(lasting_chat: FakeDingtalk, django_db_setup: None) -> Iterator[Site]:
    """A web process that can reach the DingTalk group of operations; all tests share it."""
    robots = {"operations": {"webhook": lasting_chat.webhook, "secret": SECRET}}
    with Site() as site:
        site.start(
            "web",
            DINGTALK_ORIGIN=lasting_chat.origin,
            DINGTALK_ROBOTS=json.dumps(robots),
            ALERTS_TOKEN=TOKEN,
        )
        yield site


@pytest.fixture
def group_chat(lasting_chat: FakeDingtalk) -> FakeDingtalk:
    """The DingTalk group of operations: without messages, and with unused rate limits."""
    clear_rate_limits()
    lasting_chat.messages.clear()
    lasting_chat.next_answers.clear()
    lasting_chat.requests = 0
    return lasting_chat


@pytest.fixture
def alertmanager(
    web: Site, group_chat: FakeDingtalk, smtp_server: SmtpServer, tmp_path: Path
) -> Iterator[str]:
    """The address of a real Alertmanager with our configuration, but short waiting times."""
    config = read(DEPLOY / "alertmanager" / "alertmanager.yml")
    config["global"] |= {
        "smtp_smarthost": f"localhost:{smtp_server.port}",
        "smtp_require_tls": False,
    }
    for route in [config["route"], *config["route"]["routes"]]:
        route |= {"group_wait": "1s", "group_interval": "1s"}
    (webhook,) = config["receivers"][0]["webhook_configs"]
    webhook["url"] = f"{web.url}/alerts/dingtalk/"
    (tmp_path / "alerts_token").write_text(TOKEN)
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(config))
    address = f"http://127.0.0.1:{free_port()}"
    with serving(
        "prometheus-alertmanager",
        f"--config.file={tmp_path / 'alertmanager.yml'}",
        f"--storage.path={tmp_path}",
        f"--web.listen-address={address.removeprefix('http://')}",
        "--cluster.listen-address=",
        ready=f"{address}/-/ready",
    ):
        yield address


def fire(alertmanager: str, *names: str, **labels: str) -> None:
    """Sends these alerts as Prometheus would."""
    say(alertmanager, [one(name, **labels) for name in names])


def one(name: str, **labels: str) -> dict[str, dict[str, str]]:
    rule = alerts()[name]
    annotations = rule["annotations"] | {"description": " ".join(labels.values())}
    return {"labels": {"alertname": name} | rule["labels"] | labels, "annotations": annotations}


def say(alertmanager: str, said: list[dict[str, dict[str, str]]]) -> None:
    httpx.post(f"{alertmanager}/api/v2/alerts", json=said).raise_for_status()


def test_alerts_that_fire_together_are_one_signed_message(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire(alertmanager, "RelayStopped", "WorkersGone")
    until(lambda: group_chat.messages)
    assert "RelayStopped" in group_chat.texts[0]
    assert "WorkersGone" in group_chat.texts[0]
    assert group_chat.requests == 1


def test_a_cause_is_reported_and_its_consequences_are_not(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire(alertmanager, "LiveHintsLost")
    until(lambda: group_chat.messages)
    fire(alertmanager, "WorkersGone", "QueueNotDraining", "ScheduleSilent", "PageErrors")
    until(lambda: len(group_chat.messages) == 2)
    told = " ".join(group_chat.texts)
    assert "PageErrors" in told, "an alert that does not follow from it is sent"
    for consequence in ("WorkersGone", "QueueNotDraining", "ScheduleSilent"):
        assert consequence not in told


def test_a_process_that_is_down_for_a_known_cause_is_not_reported(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire(alertmanager, "RelayStopped")
    until(lambda: group_chat.messages)
    relay = one("TargetDown", job="recruit-relay", instance="relay:9101")
    beat = one("TargetDown", job="recruit-beat", instance="beat:9103")
    say(alertmanager, [relay, beat])
    until(lambda: len(group_chat.messages) == 2)
    assert "beat:9103" in group_chat.texts[1]
    assert "relay:9101" not in group_chat.texts[1]


def test_urgent_alerts_are_sent_by_e_mail_as_well(
    alertmanager: str, group_chat: FakeDingtalk, smtp_server: SmtpServer
) -> None:
    """The site cannot report its own failure, and DingTalk may fail too."""
    fire(alertmanager, "SiteDown")
    fire(alertmanager, "FeedbackOverdue")
    smtp_server.wait_for(1)
    until(lambda: any("FeedbackOverdue" in text for text in group_chat.texts))
    (mail,) = smtp_server.to("operations@example.com")
    assert "SiteDown" in str(mail["Subject"]) + mail.as_string()
    assert "FeedbackOverdue" not in mail.as_string(), "it can wait for the morning"


def test_an_alert_that_dingtalk_refused_is_sent_again(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    group_chat.next_answers.extend([{"errcode": -1, "errmsg": "system busy"}] * 2)
    fire(alertmanager, "SocketsRefused")
    until(lambda: group_chat.messages)
    assert group_chat.requests == 3
    assert "SocketsRefused" in group_chat.texts[0]
