"""Credentials of DingTalk robots are validated and never printed."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.environment.reader import read_environment

TOKEN = "0123456789abcdef"
WEBHOOK = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
VALID = {"autumn": {"webhook": WEBHOOK, "secret": "SEC0f1e2d3c"}}


def one(**changed: str) -> str:
    return json.dumps({"autumn": VALID["autumn"] | changed})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("autumn", "must be JSON"),
        ("[]", "dictionary"),
        (json.dumps({"a b": VALID["autumn"]}), "name of a robot"),
        (json.dumps({"autumn": {"webhook": WEBHOOK}}), "autumn.secret: Field required"),
        (one(secret="0f1e2d3c"), "autumn.secret: must begin with SEC"),
        (one(colour="red"), "autumn.colour"),
        (one(webhook="https://oapi.dingtalk.com/robot/send"), "access_token"),
        (one(webhook=f"{WEBHOOK}&timestamp=1"), "nothing else"),
        (
            one(webhook=WEBHOOK.replace("oapi", "evil")),
            "must begin with https://oapi.dingtalk.com/",
        ),
        (one(webhook=WEBHOOK.replace("https", "http")), "must begin with https://"),
        (one(webhook=WEBHOOK.replace("oapi.dingtalk.com", "10.0.0.1")), "must begin with https://"),
        (one(webhook=WEBHOOK.replace("oapi", "a@b.oapi")), "must begin with https://"),
    ],
)
def test_invalid_credentials_are_refused_without_showing_them(monkeypatch, value, reason):
    monkeypatch.setenv("DINGTALK_ROBOTS", value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_environment()
    sentence = str(refusal.value)
    assert sentence.startswith("DINGTALK_ROBOTS")
    assert reason in sentence
    assert TOKEN not in sentence
    assert "0f1e2d3c" not in sentence


def test_valid_credentials_are_read_and_never_printed(monkeypatch):
    monkeypatch.setenv("DINGTALK_ROBOTS", json.dumps(VALID))
    environment = read_environment()
    assert environment.dingtalk_robots["autumn"].webhook.get_secret_value() == WEBHOOK
    assert TOKEN not in repr(environment)
    assert "0f1e2d3c" not in repr(environment)


def test_credentials_can_come_from_a_file(monkeypatch, tmp_path):
    file = tmp_path / "robots.json"
    file.write_text(json.dumps(VALID))
    monkeypatch.setenv("DINGTALK_ROBOTS_FILE", str(file))
    assert "autumn" in read_environment().dingtalk_robots
    monkeypatch.setenv("DINGTALK_ROBOTS", json.dumps(VALID))
    with pytest.raises(ImproperlyConfigured, match="cannot both be set"):
        read_environment()
    monkeypatch.delenv("DINGTALK_ROBOTS")
    file.unlink()
    with pytest.raises(ImproperlyConfigured, match=r"DINGTALK_ROBOTS_FILE: .* cannot be read"):
        read_environment()


def test_only_a_development_server_may_use_another_host(monkeypatch):
    monkeypatch.setenv("DINGTALK_ORIGIN", "http://127.0.0.1:9")
    monkeypatch.setenv(
        "DINGTALK_ROBOTS", one(webhook=f"http://127.0.0.1:9/robot/send?access_token={TOKEN}")
    )
    assert read_environment().debug, "it is accepted in development"
    for name, value in {
        "DEBUG": "no",
        "SECRET_KEY": "a-key-of-our-own-that-nobody-else-has-seen",
        "ALLOWED_HOSTS": "board.example.com",
        "TRUSTED_ORIGINS": "https://board.example.com",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match="DINGTALK_ORIGIN must be"):
        read_environment()
