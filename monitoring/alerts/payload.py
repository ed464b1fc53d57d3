"""What Alertmanager posts, version 4 of its webhook; what we do not tell is not read.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

MAX_ALERTS = 1_000
MAX_LINE_CHARACTERS = 1_000  # characters

Status = Literal["firing", "resolved"]
# Shortened and not refused: Alertmanager does not send again what was refused with all its group.
Line = Annotated[str, AfterValidator(lambda text: text[:MAX_LINE_CHARACTERS])]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Labels(_Read):
    alertname: Annotated[Line, StringConstraints(min_length=1)]
    severity: Line = ""


class Annotations(_Read):
    summary: Line = ""
    description: Line = ""
    runbook: Line = ""


class Alert(_Read):
    """One thing that is wrong, or was."""

    status: Status
    labels: Labels
    annotations: Annotations = Annotations()
    starts_at: AwareDatetime = Field(alias="startsAt")


class Group(_Read):
    """What Alertmanager tells at once. omitted: how many more there are, by `max_alerts`."""

    version: Literal["4"]
    alerts: list[Alert] = Field(min_length=1, max_length=MAX_ALERTS)
    omitted: int = Field(default=0, ge=0, alias="truncatedAlerts")
