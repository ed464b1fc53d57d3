"""The one reader of environment variables: typed, strict, a wrong value told in one sentence."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
import redis
from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from project.environment.dingtalk_credentials import DINGTALK
from project.environment.messages import ForMessages
from project.environment.operations import ForOperations
from project.environment.secret_files import SecretsFromFiles
from project.environment.security import PUBLISHED_DEMO_PASSWORD, ForDefence
from project.environment.uploads import ForVisitors

INSECURE_SECRET_KEY = "insecure-demo-key-replace-me-before-anyone-else-can-reach-this"
CommaList = Annotated[list[str], NoDecode]


class Environment(ForDefence, ForMessages, ForOperations, ForVisitors):
    """Every setting that may be given from outside; the description is its documentation."""

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
        """Variables, and files that variables name; never both for one setting."""
        variables = EnvSettingsSource(settings_cls)
        return variables, SecretsFromFiles(variables)

    debug: bool = Field(
        default=True, description="Development mode: detailed error pages, demo secrets."
    )
    secret_key: str = Field(INSECURE_SECRET_KEY, description="Signs sessions and tokens.")
    allowed_hosts: CommaList = Field(
        ["localhost", "127.0.0.1", "[::1]"], description="Host names served, comma-separated."
    )
    trusted_origins: CommaList = Field(
        [],
        description="Exact origins (scheme://host:port) of pages that may post and open sockets.",
    )
    tls_proxy: bool = Field(
        default=False,
        description="A proxy ends TLS and overwrites X-Forwarded-Proto, which is then believed.",
    )
    hsts_seconds: int = Field(
        31_536_000, ge=0, description="With DEBUG=no, how long browsers come by TLS only."
    )
    hsts_scope: Literal["host", "subdomains", "preload"] = Field(
        "host", description="Which names that holds for; preload: browsers know it beforehand."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port that `make run` serves on.")
    database_url: str = Field(
        "", description="postgresql://… address; empty starts the embedded PostgreSQL."
    )
    redis_url: str = Field("", description="redis://… address; empty starts the embedded Valkey.")
    broker_url: str = Field(
        "", description="Celery's broker, amqp://… or redis://…; empty takes that of REDIS_URL."
    )
    data_dir: Path = Field(Path(".data"), description="Where embedded servers and uploads live.")
    static_dir: Path | None = Field(
        None, description="Where collected static files live; empty: DATA_DIR/static."
    )
    web_server: Literal["daphne", "uvicorn"] = Field(
        "daphne", description="What a web process runs on; uvicorn carries very large rooms."
    )
    sockets_per_process: int = Field(
        10_000, ge=1, description="Sockets one web process holds; more are sent elsewhere."
    )
    sockets_per_address: int = Field(
        5_000, ge=1, description="Sockets one process holds for one address (an office is one)."
    )
    sockets_per_person: int = Field(
        600, ge=1, description="Sockets one process holds for one person."
    )
    socket_ping_seconds: int = Field(
        20,
        ge=1,
        le=30,
        description="How often a socket is pinged, and how long it may take to answer.",
    )
    drain_seconds: float = Field(
        5.0, ge=0, description="Over how long a stopping web process spreads its browsers' return."
    )
    worker_stop_seconds: float = Field(
        5.0, ge=0, description="How long a stopping worker lets its work go on."
    )
    flower: bool = Field(default=False, description="Start Flower, which shows Celery at work.")
    flower_port: int = Field(5555, ge=1, le=65535, description="Port that Flower serves on.")
    flower_password: str = Field(
        "", description="Password of Flower's sign-in, `operations`; empty takes the demo's."
    )
    flower_url: str = Field(
        "", description="Address people reach Flower at; empty: this machine's, if it starts here."
    )
    beat_lease_seconds: float = Field(
        15.0, ge=1, description="After so long another beat takes over from one that is silent."
    )
    retention_years: int = Field(
        2, ge=1, le=50, description="After so long unsuccessful candidates are to be anonymised."
    )
    anonymise_automatically: bool = Field(
        default=False, description="Anonymise by the clock; else it only lists who is due."
    )
    cache_pages: bool = Field(
        default=True,
        description="Remember what visitors read of openings, and figures, until they change.",
    )
    demo_password: str = Field(
        PUBLISHED_DEMO_PASSWORD,
        min_length=8,
        description="Password of the demo sign-ins; your own with DEBUG=no.",
    )
    time_zone: str = Field("Asia/Shanghai", description="Default time zone (IANA name).")
    language: Literal["zh-hans", "en"] = Field("zh-hans", description="Default language.")
    site_url: str = Field(
        "", description="Address people reach the site at, for links in messages; empty: this host."
    )

    @field_validator("allowed_hosts", "trusted_origins", mode="before")
    @classmethod
    def split_on_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("trusted_origins")
    @classmethod
    def are_exact_origins(cls, values: list[str]) -> list[str]:
        for value in values:
            parts = urlsplit(value)
            is_exact = f"{parts.scheme}://{parts.netloc}" == value and "*" not in value
            if parts.scheme not in {"http", "https"} or not parts.hostname or not is_exact:
                raise ValueError(f"'{value}' must be an exact origin such as https://example.com")
        return values

    @field_validator("site_url", "flower_url", "grafana_url", "sentry_url", "runbooks_url")
    @classmethod
    def is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("must be an address such as https://recruit.example.com")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def is_postgresql(cls, value: str) -> str:
        if value and not value.startswith(("postgres://", "postgresql://")):
            raise ValueError("must begin with postgresql:// (PostgreSQL is the only engine)")
        if value:
            dj_database_url.parse(value)
        return value

    @field_validator("redis_url")
    @classmethod
    def is_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        if value:
            redis.ConnectionPool.from_url(value)
        return value

    @field_validator("broker_url")
    @classmethod
    def is_a_broker(cls, value: str) -> str:
        schemes = ("amqp://", "amqps://", "redis://", "rediss://", "redis+socket://", "sentinel://")
        if value and not value.startswith(schemes):
            raise ValueError(f"must begin with one of {', '.join(schemes)}")
        return value

    @field_validator("flower_password")
    @classmethod
    def is_long_enough(cls, value: str) -> str:
        if value and len(value) < 8:
            raise ValueError("must have 8 characters or more")
        return value

    @model_validator(mode="after")
    def robots_live_at_dingtalk(self) -> Self:
        """A webhook is an address our workers call: it must not lead into our own network."""
        if not self.debug and self.dingtalk_origin != DINGTALK:
            raise ValueError(f"DINGTALK_ORIGIN must be {DINGTALK} with DEBUG=no")
        for name, robot in self.dingtalk_robots.items():
            if robot.origin != self.dingtalk_origin:
                raise ValueError(
                    f"DINGTALK_ROBOTS: {name}.webhook must begin with {self.dingtalk_origin}/"
                )
        return self

    @field_validator("time_zone")
    @classmethod
    def is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("must be an IANA name such as Asia/Shanghai") from None
        return value

    @model_validator(mode="after")
    def flower_is_behind_a_password(self) -> Self:
        """Whoever gets in may stop all work; the demo's password guards nothing but a demo."""
        if self.flower and not self.flower_password and (self.database_url or not self.debug):
            raise ValueError("FLOWER_PASSWORD must be set with FLOWER=yes and data of your own")
        return self

    @model_validator(mode="after")
    def production_is_not_a_demo(self) -> Self:
        """Without DEBUG nothing may be guessable: refuse to start rather than to warn."""
        if self.debug:
            return self
        if self.secret_key == INSECURE_SECRET_KEY or len(self.secret_key) < 32:
            raise ValueError("SECRET_KEY must be your own, of 32 characters or more, with DEBUG=no")
        if "*" in self.allowed_hosts:
            raise ValueError("ALLOWED_HOSTS must list each host with DEBUG=no; '*' is refused")
        if not self.trusted_origins:
            raise ValueError("TRUSTED_ORIGINS must list the site's origins with DEBUG=no")
        return self


def read_environment() -> Environment:
    """Read the process environment.

    Raises ImproperlyConfigured with one sentence that names the first wrong variable.
    """
    try:
        return Environment()
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"].removeprefix("Value error, ")
        name, *path = [str(part) for part in first["loc"]] or [""]
        name, reason = name.upper(), ": ".join([".".join(path), reason] if path else [reason])
        raise ImproperlyConfigured(f"{name}: {reason}." if name else f"{reason}.") from None
