"""Background work: the worker, beat, and Flower."""

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from project.environment.values import HttpUrl

MIN_PASSWORD_LENGTH = 8


class BackgroundSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    worker_stop_seconds: float = Field(
        5.0,
        ge=0,
        description=(
            "Seconds a stopping worker waits for its running tasks before it returns them to the "
            "queue."
        ),
    )
    beat_lease_seconds: float = Field(
        15.0,
        ge=1,
        description="Seconds without a sign of life after which a standby beat takes over.",
    )
    flower: bool = Field(
        default=False, description="Start Flower, the monitor for Celery, with `make run`."
    )
    flower_port: int = Field(5555, ge=1, le=65535, description="TCP port that Flower listens on.")
    flower_password: str = Field(
        "",
        description=(
            f"Password of Flower's user `operations`, at least {MIN_PASSWORD_LENGTH} characters. "
            "Empty: the demo password, which is accepted only with the embedded database."
        ),
    )
    flower_url: HttpUrl = Field(
        "",
        description=(
            "Address at which people open Flower, for the link on the operations page. Empty: "
            "this machine, if Flower starts here."
        ),
    )

    @field_validator("flower_password")
    @classmethod
    def require_length(cls, value: str) -> str:
        if value and len(value) < MIN_PASSWORD_LENGTH:
            raise ValueError(f"must have at least {MIN_PASSWORD_LENGTH} characters")
        return value
