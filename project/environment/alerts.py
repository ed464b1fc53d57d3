"""Settings for alerts: who sends them, where they go, and in which language."""

from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from project.environment.values import (
    ALERTMANAGER,
    CommaList,
    HttpUrl,
    connects,
    require_email,
)


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
    alert_emails: CommaList = Field(
        [],
        description=(
            "E-mail addresses to which Alertmanager sends urgent alerts, separated by commas. The "
            "site itself shows them and sends test alerts there."
        ),
    )
    watchdog_url: HttpUrl = Field(
        "",
        description=(
            "Address of a dead man's switch that Alertmanager calls every minute, such as one of "
            "healthchecks.io. It tells people when Prometheus or Alertmanager has stopped. Empty: "
            "nobody is told."
        ),
    )

    alertmanager_url: HttpUrl = Field(
        "",
        description="Address of Alertmanager, for manage.py send_test_alert --alertmanager.",
        json_schema_extra=connects(ALERTMANAGER, processes=("worker",)),
    )

    @field_validator("alert_emails")
    @classmethod
    def require_addresses(cls, value: list[str]) -> list[str]:
        return [require_email(one) for one in value]
