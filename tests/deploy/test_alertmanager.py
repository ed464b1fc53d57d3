"""A real Alertmanager sends signed messages to a fake DingTalk, each once, without the alerts that
only follow from another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command

from tests.support.contracts.alerts import alerts
from tests.support.external.alertmanager import TOKEN
from tests.support.external.alertmanager import alertmanager as running_alertmanager
from tests.support.external.fake_dingtalk import SECRET, FakeDingtalk
from tests.support.external.smtp_server import SmtpServer
from tests.support.external.webhook_receiver import WebhookReceiver
from tests.support.product.processes import Site
from tests.support.robots import clear_rate_limits
from tests.support.wait import until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("alertmanager"),
]

GRAFANA = "https://grafana.example"


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
            SITE_URL="https://recruit.example",
        )
        yield site


@pytest.fixture
def group_chat(lasting_chat: FakeDingtalk) -> FakeDingtalk:
    """The DingTalk group of operations: without messages, and with unused rate limits."""
    clear_rate_limits()
    lasting_chat.forget()
    return lasting_chat


@pytest.fixture
def alertmanager(
    web: Site, group_chat: FakeDingtalk, smtp_server: SmtpServer, tmp_path: Path
) -> Iterator[str]:
    """The address of a real Alertmanager with our configuration, but short waiting times."""
    with running_alertmanager(tmp_path, site=web.url, smtp_port=smtp_server.port) as address:
        yield address


def fire(alertmanager: str, *names: str, **labels: str) -> None:
    """Sends these alerts as Prometheus would."""
    say(alertmanager, [one(name, **labels) for name in names])


def fire_cause(alertmanager: str, name: str) -> None:
    """Sends the alert and its inhibitors, as Prometheus does while its condition holds."""
    inhibitors = ("Inhibitor", "LastingInhibitor")
    labels = [{"alertname": one, "severity": "none", "cause": name} for one in inhibitors]
    say(alertmanager, [one(name), *({"labels": own} for own in labels)])


def one(name: str, **labels: str) -> dict[str, dict[str, str]]:
    rule = alerts()[name]
    said = {"description": " ".join(labels.values())}
    said |= {"description_zh_hans": f"详情：{said['description']}"}
    annotations = {
        key: text.replace("{{ $externalLabels.grafana_url }}", GRAFANA)
        for key, text in (rule["annotations"] | said).items()
    }
    return {"labels": {"alertname": name} | rule["labels"] | labels, "annotations": annotations}


def say(alertmanager: str, said: list[dict[str, dict[str, str]]]) -> None:
    httpx.post(f"{alertmanager}/api/v2/alerts", json=said).raise_for_status()


def test_alerts_of_one_kind_are_one_signed_message(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    instances = ("web:8000", "web:8001")
    say(alertmanager, [one("EventLoopBlocked", instance=instance) for instance in instances])
    until(lambda: group_chat.messages)
    assert all(instance in group_chat.texts[0] for instance in instances)
    assert group_chat.requests == 1


def test_a_new_fault_is_told_at_once_while_another_is_being_told(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire(alertmanager, "RelayStopped")
    fire(alertmanager, "WorkersGone")
    until(lambda: len(group_chat.messages) == 2)
    assert ["RelayStopped" in text for text in group_chat.texts].count(True) == 1


def test_a_cause_is_reported_and_its_consequences_are_not(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire_cause(alertmanager, "RedisUnavailable")
    until(lambda: group_chat.messages)
    fire(alertmanager, "WorkersGone", "QueueNotDraining", "ScheduleSilent", "PageErrors")
    until(lambda: len(group_chat.messages) == 2)
    told = " ".join(group_chat.texts)
    assert "PageErrors" in told, "an alert that does not follow from it is sent"
    for consequence in ("WorkersGone", "QueueNotDraining", "ScheduleSilent", "Inhibitor"):
        assert consequence not in told


def test_a_fault_is_told_although_the_alert_of_a_repaired_cause_still_fires(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    """An alert is smoothed: it fires on when its condition, and so its inhibitor, is over."""
    fire(alertmanager, "RedisUnavailable")
    until(lambda: group_chat.messages)
    fire(alertmanager, "QueueNotDraining")
    until(lambda: len(group_chat.messages) == 2)
    assert "QueueNotDraining" in group_chat.texts[1]


def test_a_process_that_is_down_for_a_known_cause_is_not_reported(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire_cause(alertmanager, "RelayStopped")
    until(lambda: group_chat.messages)
    relay = one("TargetDown", job="recruit-relay", instance="relay:9101")
    beat = one("TargetDown", job="recruit-beat", instance="beat:9103")
    say(alertmanager, [relay, beat])
    until(lambda: len(group_chat.messages) == 2)
    assert "beat:9103" in group_chat.texts[1]
    assert "relay:9101" not in group_chat.texts[1]


def test_a_site_that_is_down_is_not_told_as_unreachable_too(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire_cause(alertmanager, "SiteDown")
    until(lambda: group_chat.messages)
    fire(alertmanager, "SiteUnreachable", "MemoryRunningOut")
    until(lambda: len(group_chat.messages) == 2)
    assert "MemoryRunningOut" in group_chat.texts[1]
    assert "SiteUnreachable" not in " ".join(group_chat.texts)


def test_a_full_disk_explains_the_forecast_for_this_disk_only(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    fire(alertmanager, "DiskFilling", instance="db:9100", mountpoint="/")
    until(lambda: group_chat.messages)
    disks = [("db:9100", "/"), ("db:9100", "/backups"), ("web:9100", "/")]
    say(
        alertmanager,
        [one("DiskFullSoon", instance=instance, mountpoint=path) for instance, path in disks],
    )
    until(lambda: len(group_chat.messages) == 2)
    assert "db:9100 /backups" in group_chat.texts[1]
    assert "web:9100 /" in group_chat.texts[1]
    assert group_chat.texts[1].count("db:9100") == 1


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


def test_an_e_mail_is_in_one_language_and_its_links_open(
    alertmanager: str, smtp_server: SmtpServer
) -> None:
    fire(alertmanager, "RelayStopped", reason="the relay was killed")
    smtp_server.wait_for(1)
    (mail,) = smtp_server.to("operations@example.com")
    annotations = one("RelayStopped")["annotations"]
    assert mail["Subject"] == f"Alert: {annotations['summary']}"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain"]
    text = next(mail.iter_parts()).get_content()
    lines = [line.strip() for line in text.splitlines()]
    assert "the relay was killed" in lines
    assert re.search("[\u4e00-\u9fff]", text) is None
    links = [line for line in lines if line.startswith("https://")]
    assert links == [annotations["dashboard_url"], annotations["runbook_url"]]
    assert lines[-1] == "Operations page: https://recruit.example.com/ops/"


def test_an_e_mail_in_chinese_has_no_english_sentence(
    web: Site, smtp_server: SmtpServer, tmp_path: Path
) -> None:
    chinese = {".en.": ".zh-hans."}
    with running_alertmanager(
        tmp_path, site=web.url, smtp_port=smtp_server.port, replaced=chinese
    ) as address:
        say(address, [one("EventLoopBlocked", instance=f"worker:{port}") for port in (9101, 9102)])
        smtp_server.wait_for(1)
    (mail,) = smtp_server.to("operations@example.com")
    assert re.fullmatch("告警：.*（共2条）", mail["Subject"])
    text = next(mail.iter_parts()).get_content()
    assert "详情：worker:9101" in text
    assert re.search("[a-z]+ [a-z]+ [a-z]+", text) is None


def test_the_watchdog_calls_the_dead_mans_switch_again_and_again_and_nobody_else(
    web: Site, group_chat: FakeDingtalk, smtp_server: SmtpServer, tmp_path: Path
) -> None:
    with (
        WebhookReceiver() as switch,
        running_alertmanager(
            tmp_path, site=web.url, smtp_port=smtp_server.port, watchdog=switch.url
        ) as address,
    ):
        fire(address, "Watchdog")
        until(lambda: len(switch.bodies) >= 3)
        fire(address, "RelayStopped")
        until(lambda: group_chat.messages and smtp_server.mails)
    told = {alert["labels"]["alertname"] for body in switch.bodies for alert in body["alerts"]}
    assert told == {"Watchdog"}
    assert "Watchdog" not in group_chat.texts[0] + smtp_server.mails[0].as_string()


@pytest.fixture
def destinations(settings: Any, smtp_server: SmtpServer) -> None:
    """The settings of the command, which are those of the web process."""
    settings.ALERTS_TOKEN, settings.DINGTALK_ROBOTS = TOKEN, {"operations": object()}
    settings.ALERT_EMAILS, settings.EMAIL_REACHES_PEOPLE = ["operations@example.com"], True


@pytest.mark.usefixtures("destinations")
def test_a_test_alert_goes_the_whole_way_and_is_confirmed_for_each_destination(
    alertmanager: str, group_chat: FakeDingtalk, smtp_server: SmtpServer
) -> None:
    said = send_test_alert(alertmanager)
    assert "DingTalk: sent." in said
    assert "e-mail: Alertmanager has sent a mail meanwhile" in said
    assert "TestAlert" in group_chat.texts[0]
    (mail,) = smtp_server.to("operations@example.com")
    assert mail["Subject"] == "Alert: This is a test alert"


@pytest.mark.usefixtures("destinations")
def test_a_test_alert_that_dingtalk_rejects_is_reported_with_the_reason(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    group_chat.next_answers.extend([{"errcode": 400106, "errmsg": "removed"}] * 100)
    said = send_test_alert(alertmanager)
    assert "DingTalk: failed: " in said
    assert "400106" in said
    assert "e-mail: Alertmanager has sent a mail meanwhile" in said


def send_test_alert(address: str) -> str:
    output = StringIO()
    call_command("send_test_alert", alertmanager=address, wait=60.0, stdout=output, no_color=True)
    return output.getvalue()


def test_an_alert_that_dingtalk_refused_is_sent_again(
    alertmanager: str, group_chat: FakeDingtalk
) -> None:
    group_chat.next_answers.extend([{"errcode": -1, "errmsg": "system busy"}] * 2)
    fire(alertmanager, "SocketsRefused")
    until(lambda: group_chat.messages)
    assert group_chat.requests == 3
    assert "SocketsRefused" in group_chat.texts[0]
