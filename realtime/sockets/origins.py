"""Origin and client address of a handshake. Only trusted origins may open sockets."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from monitoring.http.client_address import client_address

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_trusted(scope: Any) -> bool:
    """Whether the page that opens the socket is of a trusted origin, or of this server itself.

    Scheme, host and port must all be equal.
    """
    headers = dict(scope["headers"])
    given = _parts(origin_of(scope))
    if given is None:
        return False
    if given in {_parts(trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS}:
        return True
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return given == _parts(f"{scheme}://{headers.get(b'host', b'').decode('latin-1')}")


def origin_of(scope: Any) -> str:
    """The `Origin` header, without a trailing slash; empty if there is none."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"origin", b"").decode("latin-1").rstrip("/")


def address_of(scope: Any) -> str:
    """The client's IP address. `X-Forwarded-For` counts as far as the proxies are trusted."""
    client = scope.get("client")
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return client_address(str(client[0]) if client else "", b",".join(forwarded).decode("latin-1"))


@lru_cache(256)
def _parts(origin: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
