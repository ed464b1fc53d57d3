"""Where a request comes from: the one place that decides whether to believe what a proxy says.

What a request says of itself anyone can write. It counts only as far as it was handed over by
TRUSTED_PROXIES, each of which adds the address it was asked from on the right.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

IPV6_BITS = 64  # what one household or office is given: it has that many addresses to itself


def address_of(request: Any) -> str:
    """The address of who asks; empty where the server knows none."""
    said = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return client_address(request.META.get("REMOTE_ADDR", ""), said)


def client_address(peer: str, forwarded_for: str) -> str:
    """The right-most address that is not a trusted proxy's.

    peer           the other end of the connection
    forwarded_for  the header of that name, all of its lines joined by commas
    """
    client = peer
    for hop in reversed(forwarded_for.split(",")):
        before = _parsed(_without_port(hop.strip()))
        if before is None or not _is_trusted(client):
            break
        client = str(before)
    return client


def client_network(address: str) -> str:
    """What is counted as one: an IPv4 address, or the IPv6 network that its owner was given."""
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
    """Some proxies write 192.0.2.7:4711, or [2001:db8::7]:4711."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
