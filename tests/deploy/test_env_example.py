"""The example lists every setting, and its values are the defaults."""

import pytest
from django.conf import settings

from project.environment.reader import Environment, read_environment


def example() -> dict[str, str]:
    lines = (settings.BASE_DIR / "deploy" / "env.example").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def test_every_setting_is_in_the_example() -> None:
    assert {name.lower() for name in example()} == set(Environment.model_fields)


def test_the_example_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    defaults = read_environment()
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    assert read_environment() == defaults
