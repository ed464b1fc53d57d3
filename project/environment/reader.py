"""Reads and checks all environment variables, strictly typed, for `project.settings`."""

import os
from typing import Self

from django.core.exceptions import ImproperlyConfigured
from pydantic import ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from project.environment.alerts import AlertSettings
from project.environment.background import BackgroundSettings
from project.environment.backups import BackupSettings
from project.environment.dingtalk_credentials import DINGTALK
from project.environment.messages import MessageSettings
from project.environment.operations import OperationsSettings
from project.environment.secret_files import SecretFileSource
from project.environment.security import INSECURE_SECRET_KEY, SecuritySettings
from project.environment.servers import ServerSettings
from project.environment.site import BELOW_A_PATH, SiteSettings
from project.environment.uploads import UploadSettings

MIN_SECRET_KEY_LENGTH = 32


class Environment(
    BackupSettings,
    AlertSettings,
    OperationsSettings,
    MessageSettings,
    UploadSettings,
    BackgroundSettings,
    ServerSettings,
    SecuritySettings,
    SiteSettings,
):
    """Every setting that can be given from outside, with the checks that involve several."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore", env_ignore_empty=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read variables, and files that variables name; a setting given both ways is refused."""
        variables = EnvSettingsSource(settings_cls)
        return variables, SecretFileSource(variables)

    @model_validator(mode="after")
    def require_dingtalk_webhooks(self) -> Self:
        """Refuse webhooks elsewhere: workers post to them, so one could reach internal servers."""
        if not self.debug and self.dingtalk_origin != DINGTALK:
            raise ValueError(f"DINGTALK_ORIGIN must be {DINGTALK} with DEBUG=no")
        for name, robot in self.dingtalk_robots.items():
            if robot.origin != self.dingtalk_origin:
                raise ValueError(
                    f"DINGTALK_ROBOTS: {name}.webhook must begin with {self.dingtalk_origin}/"
                )
        return self

    @model_validator(mode="after")
    def require_pooler(self) -> Self:
        """Refuse a direct address to a database that the site does not use."""
        if self.database_direct_url and not self.database_url:
            raise ValueError("DATABASE_DIRECT_URL needs DATABASE_URL, the address of the pooler")
        return self

    @model_validator(mode="after")
    def require_one_recipient(self) -> Self:
        """Refuse two ways to encrypt backups."""
        if self.backup_age_recipient and self.backup_gpg_recipient:
            raise ValueError("BACKUP_AGE_RECIPIENT and BACKUP_GPG_RECIPIENT exclude each other")
        return self

    @model_validator(mode="after")
    def require_flower_password(self) -> Self:
        """Refuse the demo password unless Flower can stop nothing but demo work."""
        if self.flower and not self.flower_password and (self.database_url or not self.debug):
            raise ValueError(
                "FLOWER_PASSWORD must be set with FLOWER=yes and DATABASE_URL or DEBUG=no"
            )
        return self

    @model_validator(mode="after")
    def require_production_security(self) -> Self:
        """Refuse to start without DEBUG while the secret key or the hosts can be guessed."""
        if self.debug:
            return self
        key = self.secret_key
        if key == INSECURE_SECRET_KEY or len(key) < MIN_SECRET_KEY_LENGTH:
            raise ValueError(
                f"SECRET_KEY must be your own, of at least {MIN_SECRET_KEY_LENGTH} characters, "
                "with DEBUG=no"
            )
        for earlier in self.secret_key_fallbacks:
            if earlier == INSECURE_SECRET_KEY or len(earlier) < MIN_SECRET_KEY_LENGTH:
                raise ValueError(
                    "SECRET_KEY_FALLBACKS must list keys of your own, of at least "
                    f"{MIN_SECRET_KEY_LENGTH} characters, with DEBUG=no"
                )
        if "*" in self.allowed_hosts:
            raise ValueError("ALLOWED_HOSTS must list each host with DEBUG=no; '*' is refused")
        if not self.trusted_origins:
            raise ValueError("TRUSTED_ORIGINS must list the site's origins with DEBUG=no")
        return self


def read_environment() -> Environment:
    """Read the process environment.

    Raises ImproperlyConfigured with one sentence that names the first wrong variable, such as
    "PORT: Input should be less than or equal to 65535."
    """
    if os.environ.get("FORCE_SCRIPT_NAME"):
        raise ImproperlyConfigured(f"FORCE_SCRIPT_NAME: {BELOW_A_PATH}.")
    try:
        return Environment()
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"].removeprefix("Value error, ")
        name, *path = [str(part) for part in first["loc"]] or [""]
        name, reason = name.upper(), ": ".join([".".join(path), reason] if path else [reason])
        raise ImproperlyConfigured(f"{name}: {reason}." if name else f"{reason}.") from None
