"""The request body of Alertmanager's webhook, version 4; only the fields that we use.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

MAX_ALERTS = 1_000
MAX_LINE_CHARACTERS = 1_000  # characters

Status = Literal["firing", "resolved"]
# Truncated instead of rejected: Alertmanager does not resend a rejected group.
Line = Annotated[str, AfterValidator(lambda text: text[:MAX_LINE_CHARACTERS])]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Labels(_Read):
    alertname: Annotated[Line, StringConstraints(min_length=1)]
    severity: Line = ""
    test: Line = ""  # of a test alert: its id


class Alert(_Read):
    """One alert, firing or resolved."""

    status: Status
    labels: Labels
    annotations: dict[str, Line] = {}
    starts_at: AwareDatetime = Field(alias="startsAt")


class Group(_Read):
    """One notification. omitted: number of alerts left out because of `max_alerts`."""

    version: Literal["4"]
    alerts: list[Alert] = Field(min_length=1, max_length=MAX_ALERTS)
    omitted: int = Field(default=0, ge=0, alias="truncatedAlerts")
