"""Access control of metrics, for the web port and for the metrics port of other processes."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from django.conf import settings


def refusal(environ: Mapping[str, Any]) -> HTTPStatus | None:
    """The status to reject the request with; None if it is allowed.

    Requires METRICS_TOKEN as bearer token. If none is configured, allows only this machine.
    environ: the WSGI environment of the request
    """
    if settings.METRICS_TOKEN:
        return None if _bears_token(environ) else HTTPStatus.UNAUTHORIZED
    return None if _comes_from_this_machine(environ) else HTTPStatus.FORBIDDEN


def challenge(refused: HTTPStatus) -> dict[str, str]:
    """The response headers of a rejection."""
    return {"WWW-Authenticate": "Bearer"} if refused == HTTPStatus.UNAUTHORIZED else {}


def _bears_token(environ: Mapping[str, Any]) -> bool:
    given = environ.get("HTTP_AUTHORIZATION", "")
    return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def _comes_from_this_machine(environ: Mapping[str, Any]) -> bool:
    """False for a forwarded request: the proxy may run on this machine, the client does not."""
    if "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ:
        return False
    try:
        return ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
