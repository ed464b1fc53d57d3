"""Reads settings from files: SECRET_KEY_FILE=/run/secrets/key gives the value of SECRET_KEY.

Container platforms deliver secrets as files. Unlike a variable, the content of a file shows neither
in process listings nor in the environment of child processes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings.sources import EnvSettingsSource

SUFFIX = "_FILE"


class SecretFileSource(PydanticBaseSettingsSource):
    """Settings source for `reader.Environment`: the settings whose NAME_FILE variable is set."""

    def __init__(self, variables: EnvSettingsSource) -> None:
        super().__init__(variables.settings_cls)
        self.variables = variables.env_vars  # lower-case names; empty values are left out

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = self.variables.get(f"{field_name}{SUFFIX}".lower())
        if not path:
            return None, field_name, False
        name = field_name.upper()
        if self.variables.get(field_name):
            raise ImproperlyConfigured(f"{name} and {name}{SUFFIX} cannot both be set.")
        return _read_secret(f"{name}{SUFFIX}", Path(path)), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the values by field name.

        Raises ImproperlyConfigured, naming the variable, if a file cannot be read or is empty, or
        if a setting is given both ways.
        """
        fields = self.settings_cls.model_fields
        values = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in values.items() if value is not None}


def _read_secret(variable: str, path: Path) -> str:
    """Return the text without one final newline.

    An empty file is an error, unlike an empty variable: the secret was never delivered.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ImproperlyConfigured(f"{variable}: '{path}' cannot be read.") from None
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise ImproperlyConfigured(f"{variable}: '{path}' is empty.")
    return value


def with_values(environment: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` with these values, for a child process.

    Drops the NAME_FILE variables of the same settings, which would conflict with the values.
    """
    files = {f"{name}{SUFFIX}" for name in values}
    others = {name: value for name, value in environment.items() if name.upper() not in files}
    return others | dict(values)
