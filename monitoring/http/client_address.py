"""The client's address of a request; the only module that evaluates X-Forwarded-For.

Anyone can send that header. It counts only as far as the request passed through TRUSTED_PROXIES,
each of which appends the address of its own client on the right.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

IPV6_BITS = 64  # prefix length of one household or office, which owns all addresses in it


def address_of(request: Any) -> str:
    """The client's address of a request; "" if the server does not know it."""
    forwarded_for = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return client_address(request.META.get("REMOTE_ADDR", ""), forwarded_for)


def client_address(peer: str, forwarded_for: str) -> str:
    """The right-most address that is not one of a trusted proxy.

    peer           address at the other end of the connection
    forwarded_for  all X-Forwarded-For headers, joined by commas
    """
    client = peer
    for hop in reversed(forwarded_for.split(",")):
        previous = _parsed(_without_port(hop.strip()))
        if previous is None or not _is_trusted(client):
            break
        client = str(previous)
    return client


def client_network(address: str) -> str:
    """Returns the client that rate limits count: an IPv4 address or an IPv6 /64 network."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_BITS), strict=False))
    return address if parsed is None else str(parsed)


def _is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _without_port(hop: str) -> str:
    """Removes the port: some proxies write 192.0.2.7:4711 or [2001:db8::7]:4711."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
