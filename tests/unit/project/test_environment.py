"""An invalid setting stops the start with one sentence that names the variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.environment.reader import read_environment
from project.environment.security import INSECURE_SECRET_KEY
from realtime.rate_limiter import Rate

VALID_PRODUCTION = {
    "DEBUG": "no",
    "SECRET_KEY": "a-key-of-our-own-that-nobody-else-has-seen",
    "ALLOWED_HOSTS": "board.example.com",
    "TRUSTED_ORIGINS": "https://board.example.com",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("PORT", "eight thousand"),
        ("PORT", "65536"),
        ("DATABASE_URL", "mysql://localhost/recruit"),
        ("DATABASE_URL", "postgresql://localhost:door/recruit"),
        ("DATABASE_DIRECT_URL", "mysql://localhost/recruit"),
        ("TRUSTED_PROXIES", "10.0.0.0/24, somewhere"),
        ("TRUSTED_PROXIES", "10.0.0.7/24"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("RATE_LIMITS", "signin=10/min"),
        ("RATE_LIMITS", "sign_in=10/fortnight"),
        ("RATE_LIMITS", "sign_in=0/min"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://localhost:door/0"),
        ("REDIS_URL", "redis://localhost/first"),
        ("REDIS_URL", "redis://localhost/0?db=first"),
        ("REDIS_URL", "redis://localhost/-1"),
        ("LAYER_REDIS_URLS", "redis://localhost/0,elsewhere"),
        ("LAYER_REDIS_URLS", "redis://localhost/first"),
        ("LAYER_REDIS_URLS", "sentinel://one:26379,two:26379/name/0"),
        ("SOCKET_COMPRESSION", "maybe"),
        ("REDIS_URL", "unix:///run/valkey.sock?db=first"),
        ("REDIS_URL", "sentinel://localhost:26379"),
        ("REDIS_URL", "sentinel://localhost:door/board"),
        ("REDIS_URL", "sentinel:///board"),
        ("REDIS_URL", "sentinel://localhost/board/first"),
        ("BROKER_URL", "sentinel://localhost:26379/0/first"),
        ("ALERT_EMAILS", "ops@example.com, night"),
        ("ALERT_LANGUAGE", "tlh"),
        ("EMAIL_CATCHER", "mailpit"),
        ("WATCHDOG_URL", "hc-ping.com/uuid"),
        ("SITE_URL", "https://example.com/recruit/"),
        ("FORCE_SCRIPT_NAME", "/recruit"),
        ("DEMO_PASSWORD", "short"),
        ("SIGN_IN_FAILURES_PER_ACCOUNT", "-1"),
        ("SESSION_IDLE_HOURS", "0"),
        ("SESSION_LONGEST_DAYS", "for ever"),
        ("CONFIRM_PASSWORD_MINUTES", "0"),
        ("LANGUAGE", "tlh"),
        ("TIME_ZONE", "Asia/Atlantis"),
        ("LOG_LEVEL", "loud"),
        ("SENTRY_DSN", "https://sentry.example.com/1"),
        ("SENTRY_DSN", "https://key@sentry.example.com/"),
        ("SENTRY_ENVIRONMENT", "the/site"),
        ("SENTRY_RELEASE", "one two"),
        ("SENTRY_TRACES_SAMPLE_RATE", "1.5"),
    ],
)
def test_an_invalid_value_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_environment()
    sentence = str(refusal.value)
    assert sentence.startswith(f"{name}: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", INSECURE_SECRET_KEY),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("SECRET_KEY_FALLBACKS", f"{'k' * 32},{INSECURE_SECRET_KEY}"),
        ("ALLOWED_HOSTS", "board.example.com,*"),
        ("TRUSTED_ORIGINS", ""),
        ("TRUSTED_ORIGINS", "board.example.com"),
        ("TRUSTED_ORIGINS", "https://*.example.com"),
    ],
)
def test_without_debug_insecure_values_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    for known, sound in VALID_PRODUCTION.items():
        monkeypatch.setenv(known, sound)
    assert read_environment().debug is False, "the other settings are valid"
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read_environment()


def test_lists_are_split_on_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " one.example.com, two.example.com,")
    assert read_environment().allowed_hosts == ["one.example.com", "two.example.com"]


def test_an_invalid_rate_limit_is_reported_with_its_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "export=off,sign_in=often")
    with pytest.raises(ImproperlyConfigured, match=r"^RATE_LIMITS: sign_in must be a rate such as"):
        read_environment()


def test_rate_limits_can_be_changed_singly_or_all_switched_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RATE_LIMITS")
    usual = read_environment().rate_limits
    monkeypatch.setenv("RATE_LIMITS", "sign_in=10/hour, export=off")
    changed = {"sign_in": Rate(10, 3600), "export": None}
    assert read_environment().rate_limits == usual | changed
    monkeypatch.setenv("RATE_LIMITS", "off")
    assert set(read_environment().rate_limits.values()) == {None}


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert read_environment().port == 8000


def test_flower_with_an_own_database_needs_an_own_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLOWER", "yes")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert read_environment().flower, "the demo password is enough for the demo"
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/recruit")
    with pytest.raises(ImproperlyConfigured, match="FLOWER_PASSWORD must be set"):
        read_environment()
    monkeypatch.setenv("FLOWER_PASSWORD", "short")
    with pytest.raises(ImproperlyConfigured, match="FLOWER_PASSWORD: must have at least 8"):
        read_environment()


def test_an_unsupported_broker_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", "kafka://somewhere")
    with pytest.raises(ImproperlyConfigured, match="BROKER_URL: must begin with"):
        read_environment()


def test_a_direct_address_needs_the_address_of_the_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_DIRECT_URL", "postgresql://somewhere/recruit")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_DIRECT_URL needs DATABASE_URL"):
        read_environment()


@pytest.mark.parametrize(
    ("variables", "server", "reaches_people"),
    [
        ({}, ("", 587), False),
        ({"EMAIL_CATCHER": "mailpit:1025"}, ("mailpit", 1025), False),
        ({"EMAIL_HOST": "smtp.example.com"}, ("smtp.example.com", 587), True),
        (
            {"EMAIL_HOST": "smtp.example.com", "EMAIL_CATCHER": "mailpit:1025"},
            ("smtp.example.com", 587),
            True,
        ),
        ({"EMAIL_HOST": "Mailpit", "EMAIL_PORT": "25"}, ("Mailpit", 25), False),
        ({"EMAIL_HOST": "localhost", "EMAIL_PORT": "1025"}, ("localhost", 1025), False),
    ],
)
def test_a_mail_catcher_counts_as_no_mail_server(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    server: tuple[str, int],
    reaches_people: bool,
) -> None:
    for name in ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_CATCHER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    environment = read_environment()
    assert environment.mail_server == server
    assert environment.mail_reaches_people == reaches_people
