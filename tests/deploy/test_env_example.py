"""The example lists every setting, and its values are the defaults."""

import pytest
from django.conf import settings

from deploy.docs import configuration
from project.environment.reader import Environment, read_environment

EXAMPLE = settings.BASE_DIR / "deploy" / "env.example"


def example() -> dict[str, str]:
    """Returns the values of the example by variable name."""
    lines = EXAMPLE.read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def test_the_example_file_is_generated_from_the_code() -> None:
    assert EXAMPLE.read_text() == configuration.example(), "python -m deploy.docs.configuration"


def test_every_setting_is_in_the_example() -> None:
    assert {name.lower() for name in example()} == set(Environment.model_fields)


def test_the_example_has_the_default_values(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    defaults = read_environment()
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    assert read_environment() == defaults
