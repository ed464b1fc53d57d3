"""Value types and checks that the settings of several subjects share."""

from typing import Annotated
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError as InvalidAddress
from django.core.validators import validate_email
from pydantic import AfterValidator, BeforeValidator, JsonValue
from pydantic_settings import NoDecode

PROCESSES = ("web", "relay", "worker", "beat", "flower", "migrate", "backup")
# The usual TCP ports of servers.
POSTGRESQL, PGBOUNCER = 5432, 6432
REDIS, REDIS_BY_TLS, SENTINEL = 6379, 6380, 26379
RABBITMQ, RABBITMQ_BY_TLS = 5672, 5671
SMTP_PORTS = (25, 465, 587)
ALERTMANAGER = 9093
CLAMD, HTTPS = 3310, 443


def split_on_commas(value: object) -> object:
    """Split a text on commas, without surrounding blanks and empty parts: "a, b," is [a, b]."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _require_http_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("must be an address such as https://recruit.example.com")
    return value.rstrip("/")


def require_email(value: str) -> str:
    """Return the e-mail address, such as ops@example.com. Raises ValueError for anything else."""
    try:
        validate_email(value)
    except InvalidAddress:
        raise ValueError("must be e-mail addresses such as ops@example.com") from None
    return value


CommaList = Annotated[list[str], NoDecode, BeforeValidator(split_on_commas)]
HttpUrl = Annotated[str, AfterValidator(_require_http_url)]
"""An http:// or https:// address, kept without its trailing slash; empty if not set."""


def connects(*ports: int, processes: tuple[str, ...] = PROCESSES) -> dict[str, JsonValue]:
    """Return what a field's `json_schema_extra` tells of the server that the setting names.

    ports: on which it usually listens. processes: those that connect to it. configuration.md
    publishes both, and tests compare them with the network policies of Kubernetes.
    """
    return {"ports": list(ports), "processes": list(processes)}
