"""Server settings: database, Redis, broker, directories, and the web process with its sockets."""

from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import dj_database_url
import redis
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from monitoring import redis_client
from project.environment.values import (
    PGBOUNCER,
    POSTGRESQL,
    RABBITMQ,
    RABBITMQ_BY_TLS,
    REDIS,
    REDIS_BY_TLS,
    SENTINEL,
    CommaList,
    connects,
)

BROKER_SCHEMES = (
    "amqp://",
    "amqps://",
    "redis://",
    "rediss://",
    "redis+socket://",
    "sentinel://",
)


class ServerSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    port: int = Field(8000, ge=0, le=65535, description="TCP port that `make run` listens on.")
    database_url: str = Field(
        "",
        description=(
            "Address of PostgreSQL: postgresql://user:password@host:5432/name. "
            "Empty: the embedded PostgreSQL."
        ),
        json_schema_extra=connects(POSTGRESQL, PGBOUNCER),
    )
    database_direct_url: str = Field(
        "",
        description=(
            "Address of the same database without the pooler, if DATABASE_URL is a pooler in "
            "transaction mode such as PgBouncer: for notifications and locks of the session. "
            "Empty: DATABASE_URL."
        ),
        json_schema_extra=connects(POSTGRESQL),
    )
    redis_url: str = Field(
        "",
        description=(
            "Address of Redis or Valkey: redis://, rediss:// or unix://, or that of its "
            "Sentinels: sentinel://user:password@host1:26379,host2:26379/name/0. Empty: the "
            "embedded Valkey."
        ),
        json_schema_extra=connects(REDIS, REDIS_BY_TLS, SENTINEL),
    )
    layer_redis_urls: CommaList = Field(
        [],
        description=(
            "Addresses of the Redis servers that carry messages between processes, as in "
            "REDIS_URL but without Sentinels, separated by commas: each carries a share of the "
            "topics. All processes need the same ones. Empty: the server of REDIS_URL."
        ),
        json_schema_extra=connects(REDIS, REDIS_BY_TLS, processes=("web", "relay")),
    )
    broker_url: str = Field(
        "",
        description=(
            "Address of the Celery broker: amqp:// for RabbitMQ, redis://, or sentinel:// as in "
            "REDIS_URL. "
            "Empty: the server of REDIS_URL."
        ),
        json_schema_extra=connects(REDIS, REDIS_BY_TLS, SENTINEL, RABBITMQ, RABBITMQ_BY_TLS),
    )
    migration_wait_seconds: float = Field(
        600.0,
        ge=0,
        description=(
            "Seconds for which a process in a container (`manage.py start`) waits for the "
            "migrations of its version, without serving or working. Then it ends with an error."
        ),
    )
    data_dir: Path = Field(
        Path(".data"),
        description="Directory of the embedded servers, uploads and other data of this machine.",
    )
    static_dir: Path | None = Field(
        None, description="Directory of the collected static files. Empty: DATA_DIR/static."
    )
    script_bundler: str = Field(
        "",
        description=(
            "Path of esbuild. `collectstatic` then joins the scripts of each page to a few files. "
            "Empty: a page loads each script by itself. Images are built with it."
        ),
    )
    web_processes: int = Field(
        1,
        ge=1,
        le=64,
        description="Number of web processes under `make run`, which share PORT.",
    )
    web_server: Literal["daphne", "uvicorn"] = Field(
        "daphne",
        description="ASGI server of the web process. Choose uvicorn for very large audiences.",
    )
    sockets_per_process: int = Field(
        10_000,
        ge=1,
        description=(
            "Maximum number of WebSockets per web process. Further clients are told to reconnect "
            "to another one."
        ),
    )
    sockets_per_address: int = Field(
        5_000,
        ge=1,
        description=(
            "Maximum number of WebSockets per web process and client address. A whole office often "
            "shares one address."
        ),
    )
    sockets_per_person: int = Field(
        600, ge=1, description="Maximum number of WebSockets per web process and signed-in person."
    )
    socket_ping_seconds: int = Field(
        20,
        ge=1,
        le=30,
        description=(
            "Seconds between two pings on a WebSocket, and how long a client may take to answer "
            "one."
        ),
    )
    socket_compression: bool = Field(
        default=True,
        description=(
            "Compress frames of 1 KiB and more for clients that offer it, as browsers do (daphne "
            "only). Set to no if a proxy or an old browser fails with it."
        ),
    )
    drain_seconds: float = Field(
        5.0,
        ge=0,
        description=(
            "When a web process stops, its clients are told to reconnect at random times within "
            "this many seconds."
        ),
    )
    cache_pages: bool = Field(
        default=True,
        description=(
            "Cache public openings and analytics figures in Redis until their data changes."
        ),
    )

    @field_validator("database_url", "database_direct_url")
    @classmethod
    def require_postgresql(cls, value: str) -> str:
        if value and not value.startswith(("postgres://", "postgresql://")):
            raise ValueError("must begin with postgresql:// (PostgreSQL is the only engine)")
        if value:
            dj_database_url.parse(value)
        return value

    @field_validator("redis_url")
    @classmethod
    def require_redis(cls, value: str) -> str:
        """Check the address, with the database number that redis-py would ignore if it is none."""
        if redis_client.is_sentinel(value):
            redis_client.parse_sentinel(value)
        elif value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss://, unix:// or sentinel://")
        elif value:
            redis.ConnectionPool.from_url(value)
            parts = urlsplit(value)
            in_query = parse_qs(parts.query, keep_blank_values=True).get("db", [""])[0]
            in_path = "" if parts.scheme == "unix" else parts.path.strip("/")
            redis_client.database_number(in_query or in_path)
        return value

    @field_validator("layer_redis_urls")
    @classmethod
    def require_layer_servers(cls, values: list[str]) -> list[str]:
        """Check each address. The commas of a sentinel:// address would cut it into pieces."""
        if any(map(redis_client.is_sentinel, values)):
            raise ValueError("cannot hold sentinel://, whose hosts are separated by commas too")
        if not all(value.startswith(("redis://", "rediss://", "unix://")) for value in values):
            raise ValueError("must be addresses that begin with redis://, rediss:// or unix://")
        return [cls.require_redis(value) for value in values]

    @field_validator("broker_url")
    @classmethod
    def require_broker_scheme(cls, value: str) -> str:
        if value and not value.startswith(BROKER_SCHEMES):
            raise ValueError(f"must begin with one of {', '.join(BROKER_SCHEMES)}")
        if redis_client.is_sentinel(value):
            redis_client.parse_sentinel(value)
        return value
