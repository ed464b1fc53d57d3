"""Settings for operations: metrics, error reports and logs."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings
from sentry_sdk.utils import Dsn

from project.environment.values import HTTPS, HttpUrl, connects

SENTRY_WORD = r"^[^\s/\\]*$"  # Sentry silently drops events whose names hold other characters


class OperationsSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    metrics_token: str = Field(
        "",
        description=(
            "Bearer token for the metrics of all processes. Empty: metrics can be read only from "
            "the loopback address."
        ),
    )
    metrics_host: str = Field(
        "127.0.0.1",
        description="Address on which the relay, worker and beat serve their metrics.",
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description=(
            "TCP port on which this relay, worker or beat serves its metrics, or this web process "
            "with `--share-port`. 0: any free port, named in the log. Empty: no metrics server."
        ),
    )
    heartbeat_path: Path | None = Field(
        None,
        description=(
            "File that this relay, worker or beat touches every few seconds, for the health check "
            "of its container. Empty: no file."
        ),
    )
    metrics_base_port: int = Field(
        9101,
        ge=0,
        le=65470,
        description=(
            "Metrics port of the relay under `make run`; the worker and beat use the next two, and "
            "several web processes those after them. 0: any free ports."
        ),
    )
    grafana_url: HttpUrl = Field(
        "",
        description=(
            "Address of Grafana, linked from alerts and the operations page. Empty: no link."
        ),
    )
    sentry_url: HttpUrl = Field(
        "", description="Address of Sentry, linked from the operations page. Empty: no link."
    )
    runbooks_url: HttpUrl = Field(
        "",
        description=(
            "Address at which deploy/docs/runbooks.md can be read. Empty: alerts link to the "
            "runbooks in Grafana."
        ),
    )
    sentry_dsn: str = Field(
        "",
        description="DSN of the Sentry project. Empty: no error reports are sent.",
        json_schema_extra=connects(HTTPS),
    )
    sentry_environment: str = Field(
        "production",
        pattern=SENTRY_WORD,
        max_length=64,
        description="Environment name that Sentry shows with each error.",
    )
    sentry_release: str = Field(
        "",
        pattern=SENTRY_WORD,
        max_length=200,
        description=(
            "Release name that Sentry shows with each error. Empty: name and version from "
            "pyproject.toml."
        ),
    )
    sentry_traces_sample_rate: float = Field(
        0.0,
        ge=0,
        le=1,
        description=(
            "Share of page requests whose timing is sent to Sentry, from 0 to 1. WebSockets and "
            "tasks are never traced."
        ),
    )
    log_format: Literal["console", "json"] = Field("console", description="Format of log lines.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Lowest level that is logged."
    )
    log_dir: Path | None = Field(
        None,
        description=(
            "Directory of recruit.log (everything), error.log and performance.log. Five older "
            "files of 20 MB are kept of each. Empty: no log files (`make run` uses DATA_DIR/logs)."
        ),
    )
    slow_request_seconds: float = Field(
        1.0,
        gt=0,
        description="Requests that take longer than this many seconds go to the performance log.",
    )
    slow_query_seconds: float = Field(
        0.25,
        gt=0,
        description=(
            "SQL queries that take longer than this many seconds go to the performance log."
        ),
    )
    long_task_seconds: float = Field(
        60.0,
        gt=0,
        description=(
            "Background tasks that take longer than this many seconds go to the performance log."
        ),
    )

    @field_validator("sentry_dsn")
    @classmethod
    def require_dsn(cls, value: str) -> str:
        try:
            if value:
                Dsn(value)
        except ValueError:
            raise ValueError("must be an address such as https://key@sentry.io/1") from None
        return value
