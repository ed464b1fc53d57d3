"""Where alerts go is known: on the operations page, in /readyz and by a test alert."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from interview.notifications.dingtalk import alerts as dingtalk_alerts
from tests.people import signed_in
from tests.support.external.fake_dingtalk import SLOW_DOWN, FakeDingtalk
from tests.support.external.smtp_server import SmtpServer

NOWHERE = "Alerts go nowhere: when something fails, nobody is told."
ON_CALL = ["ops@example.com", "night@example.com"]


@pytest.fixture(autouse=True)
def production(settings: Settings) -> None:
    """A site that people rely on, whose alerts go nowhere yet."""
    settings.ALERTS_EXPECTED = True
    settings.ALERTS_TOKEN, settings.DINGTALK_ROBOTS = "", {}
    settings.ALERT_EMAILS, settings.WATCHDOG_URL = [], ""
    settings.EMAIL_HOST, settings.EMAIL_REACHES_PEOPLE = "", False
    settings.ALERT_LANGUAGE = "en"


@pytest.fixture
def group_chat(dingtalk: FakeDingtalk, settings: Settings) -> FakeDingtalk:
    settings.ALERTS_TOKEN = "alertmanager-may-post"
    settings.DINGTALK_ROBOTS = {"operations": dingtalk.credentials}
    dingtalk_alerts._sent_locally.clear()
    return dingtalk


@pytest.fixture
def mailbox(smtp_server: SmtpServer, settings: Settings) -> SmtpServer:
    settings.EMAIL_REACHES_PEOPLE = True
    settings.ALERT_EMAILS = ON_CALL
    return smtp_server


def checked(client: Client) -> dict[str, Any]:
    response = client.get("/readyz")
    assert response.status_code == 200, "pages work without alerts"
    assert "@" not in response.content.decode(), "anybody may read this"
    found: dict[str, Any] = response.json()["checks"]["alerts"]
    return found


def shown(client: Client, person: User, language: str = "en") -> str:
    signed_in(client, person)
    response = client.get(reverse("ops"), headers={"accept-language": language})
    before, _, rest = response.content.decode().partition('<script id="ops-config"')
    return before + rest.partition("</script>")[2]


@pytest.mark.django_db
def test_a_site_whose_alerts_go_nowhere_says_so_and_what_to_set(client: Client, chen: User) -> None:
    assert checked(client) == {"ok": False, "detail": "nowhere"}
    page = shown(client, chen)
    assert "Alerts reach nobody" in page, "it is a problem"
    for sentence in (
        NOWHERE,
        "Not to DingTalk: set ALERTS_TOKEN, and add the robot “operations” to DINGTALK_ROBOTS.",
        "Not by e-mail: there is no mail server. Set EMAIL_HOST.",
        "If Prometheus or Alertmanager stops, nobody is told. Set WATCHDOG_URL.",
    ):
        assert sentence in page


@pytest.mark.django_db
def test_a_site_in_development_is_not_reproached_with_it(
    client: Client, chen: User, settings: Settings
) -> None:
    settings.ALERTS_EXPECTED = False
    assert checked(client)["ok"]
    page = shown(client, chen)
    assert "Alerts reach nobody" not in page
    assert NOWHERE in page


@pytest.mark.django_db
def test_the_operations_page_says_where_alerts_go(
    client: Client, chen: User, group_chat: FakeDingtalk, mailbox: SmtpServer, settings: Settings
) -> None:
    settings.WATCHDOG_URL = "https://hc.example/secret-path"
    assert checked(client) == {"ok": True, "detail": "by DingTalk and e-mail"}
    page = shown(client, chen)
    assert "Alerts go to the group of the DingTalk robot “operations”." in page
    assert "Alertmanager mails urgent alerts to ops@example.com, night@example.com." in page
    assert "A dead man&#x27;s switch tells people" in page
    assert "secret-path" not in page
    assert "Not " not in page.partition("<h2>Alerts</h2>")[2].partition("</section>")[0]
    assert "告警会发送到钉钉机器人“operations”所在的群。" in shown(client, chen, "zh-hans")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ALERTS_TOKEN": ""}, "Not to DingTalk: set ALERTS_TOKEN, which Alertmanager needs."),
        ({"DINGTALK_ROBOTS": {}}, "Not to DingTalk: add the robot “operations”"),
        ({"ALERT_EMAILS": []}, "Not by e-mail: set ALERT_EMAILS"),
        ({"EMAIL_REACHES_PEOPLE": False}, "Not by e-mail: a mail catcher keeps all e-mails."),
        ({"EMAIL_REACHES_PEOPLE": False, "EMAIL_HOST": ""}, "Set EMAIL_HOST."),
    ],
)
def test_a_missing_setting_is_named_while_alerts_go_the_other_way(
    client: Client,
    chen: User,
    group_chat: FakeDingtalk,
    mailbox: SmtpServer,
    settings: Settings,
    changed: dict[str, Any],
    sentence: str,
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    assert checked(client)["ok"]
    page = shown(client, chen)
    assert sentence in page
    assert NOWHERE not in page


def said(**options: Any) -> str:
    output = StringIO()
    call_command("send_test_alert", stdout=output, no_color=True, **options)
    return output.getvalue()


def test_a_test_alert_arrives_at_every_destination(
    group_chat: FakeDingtalk, mailbox: SmtpServer
) -> None:
    text = said()
    assert "DingTalk: sent. Alerts go to the group" in text
    assert "e-mail: sent. Alertmanager mails urgent alerts to ops@example.com" in text
    (message,) = group_chat.messages
    assert message["markdown"]["title"] == "Alert: This is a test alert"
    (mail,) = mailbox.mails
    assert mail["To"] == ", ".join(ON_CALL)
    assert mail["Subject"] == "Alert: This is a test alert"
    assert "Operations page: http" in mail.get_content()
    assert not set("*\\#[") & set(mail.get_content()), "no Markdown"


def test_a_test_alert_is_in_the_language_of_alerts(
    group_chat: FakeDingtalk, settings: Settings
) -> None:
    settings.ALERT_LANGUAGE = "zh-hans"
    said()
    assert group_chat.messages[0]["markdown"]["title"] == "告警：这是一条测试告警"


def test_a_failed_destination_is_named_with_its_reason(
    group_chat: FakeDingtalk, mailbox: SmtpServer
) -> None:
    group_chat.next_answers.append(SLOW_DOWN)
    text = said()
    assert "DingTalk: failed: Too many messages in one minute." in text
    assert "(130101)" in text
    assert "e-mail: sent" in text


def test_a_test_alert_that_reaches_nobody_ends_with_an_error(
    group_chat: FakeDingtalk, mailbox: SmtpServer
) -> None:
    group_chat.next_answers.append(SLOW_DOWN)
    mailbox.answers.append("550 no such user")
    output = StringIO()
    with pytest.raises(CommandError, match="has reached nobody"):
        call_command("send_test_alert", stdout=output, no_color=True)
    assert "e-mail: failed: The mail server rejected the message. 550 no such user" in (
        output.getvalue()
    )


def test_without_a_destination_the_command_says_what_to_set() -> None:
    output = StringIO()
    with pytest.raises(CommandError, match="sent to nobody"):
        call_command("send_test_alert", stdout=output)
    assert "DingTalk: not set up. Not to DingTalk: set ALERTS_TOKEN" in output.getvalue()
    assert "e-mail: not set up. Not by e-mail: there is no mail server." in output.getvalue()


@pytest.mark.parametrize(
    ("address", "reason"),
    [("127.0.0.1:9093", "must be an address"), ("http://127.0.0.1:1", "does not respond")],
)
def test_an_alertmanager_that_cannot_be_reached_is_an_error(
    group_chat: FakeDingtalk, address: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        said(alertmanager=address)
    assert group_chat.messages == []


def test_the_address_of_alertmanager_is_a_setting(
    settings: Settings, group_chat: FakeDingtalk
) -> None:
    settings.ALERTMANAGER_URL = ""
    with pytest.raises(CommandError, match="set ALERTMANAGER_URL"):
        call_command("send_test_alert", "--alertmanager")
    settings.ALERTMANAGER_URL = "http://127.0.0.1:1"
    with pytest.raises(CommandError, match="does not respond"):
        call_command("send_test_alert", "--alertmanager")
