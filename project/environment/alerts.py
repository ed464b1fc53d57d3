"""Settings for alerts: who sends them, where they go, and in which language."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class AlertSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    alerts_token: str = Field(
        "",
        description=(
            "Bearer token with which Alertmanager posts alerts to /alerts/dingtalk/. Empty: alerts "
            "are not accepted."
        ),
    )
    alert_language: Literal["zh-hans", "en"] | None = Field(
        None, description="Language of alerts. Empty: LANGUAGE."
    )
