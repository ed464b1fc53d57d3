"""Who may read metrics: the same rule for the web port and for processes that serve no pages."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from django.conf import settings


def refusal(environ: Mapping[str, Any]) -> HTTPStatus | None:
    """Why this request reads nothing; None if it may read.

    The bearer of METRICS_TOKEN may; without one set, whoever asks from this machine.
    environ: the request's variables, by the names that WSGI gives them.
    """
    if settings.METRICS_TOKEN:
        return None if _bears_token(environ) else HTTPStatus.UNAUTHORIZED
    return None if _comes_from_this_machine(environ) else HTTPStatus.FORBIDDEN


def challenge(refused: HTTPStatus) -> dict[str, str]:
    """The headers that go with a refusal."""
    return {"WWW-Authenticate": "Bearer"} if refused == HTTPStatus.UNAUTHORIZED else {}


def _bears_token(environ: Mapping[str, Any]) -> bool:
    given = environ.get("HTTP_AUTHORIZATION", "")
    return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def _comes_from_this_machine(environ: Mapping[str, Any]) -> bool:
    """A forwarded request came through a proxy, wherever the proxy itself may run."""
    if "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ:
        return False
    try:
        return ip_address(environ.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
