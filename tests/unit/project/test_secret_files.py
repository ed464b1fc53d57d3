"""Settings can be read from files, and from one place only."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.environment.reader import Environment, read_environment
from project.environment.secret_files import with_values
from project.running.site import environment

SECRETS = {
    "SECRET_KEY": "a-key-of-our-own-that-nobody-else-has-seen",
    "DATABASE_URL": "postgresql://recruit:from-a-file@database/recruit",
    "REDIS_URL": "redis://:from-a-file@redis:6379/0",
    "BROKER_URL": "amqp://recruit:from-a-file@rabbit:5672/recruit",
    "METRICS_TOKEN": "counts",
    "ALERTS_TOKEN": "calls",
    "EMAIL_PASSWORD": " writes, and begins with a blank",
    "SENTRY_DSN": "https://key@sentry.example.com/1",
    "FLOWER_PASSWORD": "shows-flowers",
    "ALLOWED_HOSTS": "board.example.com,127.0.0.1",
}


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that delivers a secret in a file and returns the path."""

    def deliver(name: str, text: str) -> Path:
        file = tmp_path / name.lower()
        file.write_bytes(text.encode())
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{name}_FILE", str(file))
        return file

    return deliver


@pytest.mark.parametrize(("name", "value"), SECRETS.items())
def test_each_setting_can_come_from_a_file(monkeypatch, secret, name, value):
    monkeypatch.setenv(name, value)
    by_variable = read_environment()
    secret(name, f"{value}\n")
    assert read_environment() == by_variable
    assert getattr(by_variable, name.lower()) != Environment.model_fields[name.lower()].default


@pytest.mark.parametrize(
    ("text", "value"),
    [("calls", "calls"), ("calls\n", "calls"), ("calls\r\n", "calls"), ("calls\n\n", "calls\n")],
)
def test_one_newline_at_the_end_is_ignored(secret, text, value):
    secret("ALERTS_TOKEN", text)
    assert read_environment().alerts_token == value


def test_two_values_for_one_setting_stop_the_start(monkeypatch, secret):
    secret("SECRET_KEY", SECRETS["SECRET_KEY"])
    assert read_environment().secret_key == SECRETS["SECRET_KEY"]
    monkeypatch.setenv("SECRET_KEY", SECRETS["SECRET_KEY"])
    with pytest.raises(
        ImproperlyConfigured, match=r"^SECRET_KEY and SECRET_KEY_FILE cannot both be set\.$"
    ):
        read_environment()
    monkeypatch.setenv("SECRET_KEY", "")
    assert read_environment().secret_key == SECRETS["SECRET_KEY"], (
        "an empty value counts as not set"
    )


def test_a_file_that_is_missing_or_not_text_stops_the_start(secret):
    file = secret("DATABASE_URL", SECRETS["DATABASE_URL"])
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL_FILE: '.*' cannot be read\.$"):
        read_environment()
    file.unlink()
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL_FILE: '.*' cannot be read\.$"):
        read_environment()
    file.mkdir()
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL_FILE: '.*' cannot be read\.$"):
        read_environment()


def test_an_empty_file_stops_the_start(secret):
    """Treating it as not set would silently change who may read the metrics."""
    secret("METRICS_TOKEN", "\n")
    with pytest.raises(ImproperlyConfigured, match=r"^METRICS_TOKEN_FILE: '.*' is empty\.$"):
        read_environment()


def test_an_invalid_value_is_reported_without_the_secret(secret):
    secret("DATABASE_URL", "mysql://recruit:from-a-file@database/recruit")
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL: must begin with") as refusal:
        read_environment()
    assert "from-a-file" not in str(refusal.value)


def test_child_processes_get_values_instead_of_the_files_they_replace(monkeypatch, secret):
    """`make run` passes the addresses of the servers to its processes as variables."""
    file = secret("DATABASE_URL", SECRETS["DATABASE_URL"])
    secret("EMAIL_PASSWORD", "writes")
    given = environment(8000)
    assert "DATABASE_URL" in given
    assert "DATABASE_URL_FILE" not in given
    assert "EMAIL_PASSWORD_FILE" in given, "other files are read by each process itself"
    assert with_values({"database_url_file": str(file)}, {"DATABASE_URL": "x"}) == {
        "DATABASE_URL": "x"
    }
