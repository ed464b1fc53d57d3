"""Alerts from Alertmanager reach the operations group, whatever else is broken.

No test here may use the database, because an alert may be about it.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from interview.notifications.dingtalk import alerts, rate_limit
from realtime.rate_limiter import RedisDown
from tests.support.external.fake_dingtalk import FakeDingtalk, hangs, status

TOKEN = "alertmanager-may-post"
RELAY = {
    "status": "firing",
    "labels": {"alertname": "RelayStopped", "severity": "page", "job": "recruit-site"},
    "annotations": {
        "summary": "No relay is running: boards are frozen",
        "summary_zh_hans": "中继进程未运行，看板停止更新",
        "description": "The oldest change has waited for 1m 30s.",
        "description_zh_hans": "最早的变更已等待1分30秒。",
        "dashboard_url": "/d/recruit-live-board?viewPanel=7",
        "runbook_url": "https://grafana.example/d/recruit-runbooks?viewPanel=8",
    },
    "startsAt": "2026-11-25T05:30:00.5Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus/graph",
    "fingerprint": "0123456789abcdef",
}
GROUP = {
    "version": "4",
    "groupKey": '{}:{severity="page"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "operations",
    "groupLabels": {"severity": "page"},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager",
    "alerts": [RELAY],
}


@pytest.fixture
def group_chat(dingtalk: FakeDingtalk, settings: Any) -> FakeDingtalk:
    """The chat group of operations; Alertmanager has a token."""
    settings.DINGTALK_ROBOTS = {"operations": dingtalk.credentials}
    settings.ALERTS_TOKEN = TOKEN
    alerts._sent_locally.clear()
    return dingtalk


def post(body: Any, token: str = TOKEN) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    client = Client(enforce_csrf_checks=True, headers=headers)
    return client.post("/alerts/dingtalk/", body, content_type="application/json")


def changed(**fields: Any) -> dict[str, Any]:
    """The request body with one alert that differs in these fields."""
    return GROUP | {"alerts": [deepcopy(RELAY) | fields]}


def named(name: str, **fields: Any) -> dict[str, Any]:
    return RELAY | {"labels": {"alertname": name, "severity": "ticket"}} | fields


def test_an_alert_is_sent_in_the_language_of_alerts_and_in_no_other(
    group_chat: FakeDingtalk, settings: Any
) -> None:
    assert post(GROUP).status_code == 204
    settings.ALERT_LANGUAGE = "en"
    assert post(GROUP).status_code == 204
    chinese, english = group_chat.messages
    assert chinese["msgtype"] == "markdown"
    assert chinese["markdown"]["title"] == "告警：中继进程未运行，看板停止更新"
    assert english["markdown"]["title"] == "Alert: No relay is running: boards are frozen"
    for expected in ("RelayStopped", "11-25 13:30", "最早的变更已等待1分30秒"):
        assert expected in chinese["markdown"]["text"]
    assert re.search("[a-z]+ [a-z]+", chinese["markdown"]["text"]) is None
    assert "The oldest change has waited for 1m 30s" in english["markdown"]["text"]
    assert re.search("[\u4e00-\u9fff]", english["markdown"]["text"]) is None


def test_an_alert_without_a_translation_is_sent_in_english(group_chat: FakeDingtalk) -> None:
    odd = named("Odd", annotations={"summary": "It is odd", "description": "Very odd"})
    assert post(GROUP | {"alerts": [odd]}).status_code == 204
    assert "It is odd" in group_chat.texts[0]
    assert "Very odd" in group_chat.texts[0]


def test_firing_alerts_come_before_resolved_ones(group_chat: FakeDingtalk) -> None:
    several = [named("PagesSlow"), named("SiteDown", status="resolved"), RELAY]
    assert post(GROUP | {"alerts": several}).status_code == 204
    (text,) = group_chat.texts
    order = [text.index(name) for name in ("RelayStopped", "PagesSlow", "SiteDown")]
    assert order == sorted(order)
    assert "#### 当前异常 (2)" in text
    assert "#### 已恢复 (1)" in text


def test_hundreds_of_alerts_fit_into_one_dingtalk_message(group_chat: FakeDingtalk) -> None:
    annotations = {"summary": "很慢", "description": "很慢" * 150}
    many = [named("PagesSlow", annotations=annotations)] * 300
    assert post(GROUP | {"alerts": many, "truncatedAlerts": 5}).status_code == 204
    (text,) = group_chat.texts
    shown = text.count("PagesSlow")
    assert shown >= 5
    assert f"另有{305 - shown}条" in text


def test_text_of_alerts_is_escaped_in_markdown(group_chat: FakeDingtalk) -> None:
    evil = named("Odd", annotations={"summary": "[click](http://evil.example) **now**"})
    assert post(GROUP | {"alerts": [evil]}).status_code == 204
    assert "\\[click\\]\\(http://evil.example\\)" in group_chat.texts[0]


@pytest.mark.parametrize("token", ["", "alertmanager-may", "ключ"])
def test_a_wrong_token_is_rejected(group_chat: FakeDingtalk, token: str) -> None:
    assert post(GROUP).status_code == 204, "the right token is accepted"
    assert post(GROUP, token).status_code == 401
    assert len(group_chat.messages) == 1


def test_without_a_configured_token_every_request_is_rejected(
    group_chat: FakeDingtalk, settings: Any
) -> None:
    settings.ALERTS_TOKEN = ""
    assert post(GROUP, "").status_code == 401
    assert group_chat.messages == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("no JSON", ""),
        (GROUP | {"version": "3"}, "version"),
        (GROUP | {"alerts": []}, "alerts"),
        (GROUP | {"truncatedAlerts": -1}, "truncatedAlerts"),
        (changed(status="odd"), "alerts.0.status"),
        (changed(labels={"severity": "page"}), "alerts.0.labels.alertname"),
        (changed(startsAt="yesterday"), "alerts.0.startsAt"),
        (GROUP | {"alerts": [RELAY] * 1_001}, "alerts"),
    ],
)
def test_an_invalid_body_is_rejected_with_the_name_of_the_field(
    group_chat: FakeDingtalk, body: Any, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = post(body)
    assert response.status_code == 400
    assert response.json()["field"] == field
    assert response.json()["reason"]
    assert group_chat.messages == []
    refused = [one for one in caplog.records if one.name == "monitoring.alerts.views"]
    assert [one.status_code for one in refused] == [400], (
        "Alertmanager does not retry after this status"
    )


def test_a_text_that_is_too_long_is_truncated_not_rejected(group_chat: FakeDingtalk) -> None:
    endless = named("PagesSlow", annotations={"description": "slow " * 1_000})
    assert post(GROUP | {"alerts": [endless, RELAY]}).status_code == 204
    assert "RelayStopped" in group_chat.texts[0]


def test_an_alert_links_to_its_dashboard_its_runbook_and_the_operations_page(
    group_chat: FakeDingtalk, settings: Any
) -> None:
    settings.GRAFANA_URL = "https://grafana.example"
    settings.SITE_URL = "https://recruit.example"
    assert post(GROUP).status_code == 204
    (text,) = group_chat.texts
    assert re.findall(r"\]\((\S+)\)", text) == [
        "https://grafana.example/d/recruit-live-board?viewPanel=7",
        "https://grafana.example/d/recruit-runbooks?viewPanel=8",
        "https://recruit.example/ops/",
    ]


def test_the_runbook_is_the_document_if_its_address_is_configured(
    group_chat: FakeDingtalk, settings: Any
) -> None:
    settings.RUNBOOKS_URL = "https://runbooks.example/recruit-live/runbooks.md"
    assert post(GROUP).status_code == 204
    assert f"]({settings.RUNBOOKS_URL}#relaystopped)" in group_chat.texts[0]


@pytest.mark.parametrize(
    "address",
    ["", "/d/recruit-runbooks?viewPanel=8", "javascript:alert(1)", "https://x) [y](http://evil"],
)
def test_what_would_not_open_is_no_link(group_chat: FakeDingtalk, address: str) -> None:
    """Without GRAFANA_URL, a path leads nowhere."""
    odd = named("Odd", annotations={"runbook_url": address})
    assert post(GROUP | {"alerts": [odd]}).status_code == 204
    assert group_chat.texts[0].count("](") == 1, "the operations page"


@pytest.mark.parametrize("megabytes", [2, 4])
def test_a_body_that_is_too_large_is_rejected(group_chat: FakeDingtalk, megabytes: int) -> None:
    assert post("x" * megabytes * 1_000_000).status_code == 413


def test_only_post_is_allowed(group_chat: FakeDingtalk) -> None:
    response = Client(headers={"Authorization": f"Bearer {TOKEN}"}).get("/alerts/dingtalk/")
    assert response.status_code == 405


@pytest.mark.parametrize(
    ("dingtalk_response", "reason"),
    [
        ({"errcode": -1, "errmsg": "system busy"}, "busy"),
        ({"errcode": 130101, "errmsg": "send too fast"}, "throttled"),
        (status(502), "http_error"),
    ],
)
def test_alertmanager_is_asked_to_retry_what_dingtalk_rejects(
    group_chat: FakeDingtalk, dingtalk_response: Any, reason: str
) -> None:
    group_chat.next_answers.append(dingtalk_response)
    response = post(GROUP)
    assert (response.status_code, response.json()) == (503, {"reason": reason})
    assert post(GROUP).status_code == 204


def test_a_hanging_dingtalk_does_not_delay_alertmanager_for_long(
    group_chat: FakeDingtalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitoring.alerts.sender.SEND_TIMEOUT_SECONDS", 0.1)
    group_chat.next_answers.append(hangs)
    response = post(GROUP)
    assert (response.status_code, response.json()) == (503, {"reason": "timeout"})
    group_chat.release.set()


def test_a_missing_robot_is_reported_as_the_reason(group_chat: FakeDingtalk, settings: Any) -> None:
    settings.DINGTALK_ROBOTS = {"autumn": group_chat.credentials}
    assert post(GROUP).json() == {"reason": "not_configured"}


def test_alerts_count_against_the_rate_limit_of_the_robot(group_chat: FakeDingtalk) -> None:
    for _ in range(17):
        assert rate_limit.consume("operations"), "the same robot also sends notices"
    assert post(GROUP).status_code == 204
    response = post(GROUP)
    assert (response.status_code, response.json()) == (503, {"reason": "no_budget"})
    assert group_chat.throttled == 0


def test_without_redis_an_alert_is_sent_but_a_flood_is_not(
    group_chat: FakeDingtalk, redis_is_away: None
) -> None:
    with pytest.raises(RedisDown):
        rate_limit.consume("operations")
    answers = [post(GROUP).status_code for _ in range(6)]
    assert answers == [204] * 4 + [503] * 2
