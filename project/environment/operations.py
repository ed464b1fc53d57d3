"""The part of the environment that operations look after: metrics, alerts, error reports, logs."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings
from sentry_sdk.utils import Dsn

SENTRY_WORD = r"^[^\s/\\]*$"  # what is named otherwise Sentry drops without a word


class ForOperations(BaseSettings):
    """Read as part of `environment.Environment`; the description is the documentation."""

    metrics_token: str = Field(
        "", description="Bearer token for all metrics; empty allows loopback only."
    )
    metrics_host: str = Field(
        "127.0.0.1", description="Where relay, worker and beat serve their metrics."
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of one of them; 0: any free one; empty: it serves none.",
    )
    metrics_base_port: int = Field(
        9101,
        ge=0,
        le=65533,
        description="Port that `make run` gives the relay; the next are worker's and beat's.",
    )
    grafana_url: str = Field("", description="Address people reach Grafana at; empty: no link.")
    sentry_url: str = Field("", description="Address people reach Sentry at; empty: no link.")
    runbooks_url: str = Field(
        "", description="Where people read deploy/docs/runbooks.md; empty: no links."
    )
    alerts_token: str = Field(
        "", description="Bearer token with which Alertmanager posts alerts; empty: nobody may."
    )
    sentry_dsn: str = Field("", description="Sentry project address; empty sends nothing.")
    sentry_environment: str = Field(
        "production",
        pattern=SENTRY_WORD,
        max_length=64,
        description="Which site errors come from, as Sentry shows it.",
    )
    sentry_release: str = Field(
        "",
        pattern=SENTRY_WORD,
        max_length=200,
        description="Which code errors come from; empty takes the version of pyproject.toml.",
    )
    sentry_traces_sample_rate: float = Field(
        0.0, ge=0, le=1, description="Share of pages whose times are sent to Sentry."
    )
    log_format: Literal["console", "json"] = Field("console", description="Shape of log lines.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level that is logged."
    )
    log_dir: Path | None = Field(
        None, description="Where recruit.log, error.log and performance.log go; empty: no files."
    )
    slow_request_seconds: float = Field(
        1.0, gt=0, description="A request that takes longer is told in the performance log."
    )
    slow_query_seconds: float = Field(
        0.25, gt=0, description="So is a statement of the database that takes longer."
    )
    long_task_seconds: float = Field(
        60.0, gt=0, description="So is background work that takes longer."
    )

    @field_validator("sentry_dsn")
    @classmethod
    def is_a_sentry_project(cls, value: str) -> str:
        try:
            if value:
                Dsn(value)
        except ValueError:
            raise ValueError("must be an address such as https://key@sentry.io/1") from None
        return value
