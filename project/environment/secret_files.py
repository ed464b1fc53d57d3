"""NAME_FILE names a file that holds the value of the setting NAME: how containers hand out secrets.

A variable shows in every list of a process's environment and in every child's; a file does not.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings.sources import EnvSettingsSource

SUFFIX = "_FILE"


class SecretsFromFiles(PydanticBaseSettingsSource):
    """Reads the settings that are given by a file, beside those that `variables` give."""

    def __init__(self, variables: EnvSettingsSource) -> None:
        super().__init__(variables.settings_cls)
        self.given = variables.env_vars  # by lower-case names, without the empty ones

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = self.given.get(f"{field_name}{SUFFIX}".lower())
        if not path:
            return None, field_name, False
        name = field_name.upper()
        if self.given.get(field_name):
            raise ImproperlyConfigured(f"{name} cannot be given beside {name}{SUFFIX}.")
        return _content(f"{name}{SUFFIX}", Path(path)), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Raises ImproperlyConfigured with one sentence that names the variable."""
        fields = self.settings_cls.model_fields
        values = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in values.items() if value is not None}


def _content(variable: str, path: Path) -> str:
    """A file that is named and empty is a secret that was never delivered, not one left out."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ImproperlyConfigured(f"{variable}: '{path}' cannot be read.") from None
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise ImproperlyConfigured(f"{variable}: '{path}' is empty.")
    return value


def with_values(environment: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child that is to have these values, from wherever ours came."""
    files = {f"{name}{SUFFIX}" for name in values}
    kept = {name: value for name, value in environment.items() if name.upper() not in files}
    return kept | dict(values)
