"""Only the forwarding headers of trusted proxies are believed."""

from ipaddress import ip_network

import pytest
from django.test import RequestFactory, override_settings

from monitoring.http.client_address import address_of, client_address, client_network
from realtime.sockets.origins import address_of as address_of_socket

OURS = override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/24"), ip_network("2001:db8:1::/48")])


@pytest.mark.parametrize(
    "header", ["", "203.0.113.9", "10.0.0.7", "203.0.113.9, 10.0.0.7", "\x00,,"]
)
@pytest.mark.parametrize("peer", ["198.51.100.4", "10.0.1.7", "2001:db8:2::1", ""])
@OURS
def test_forwarding_headers_of_clients_are_ignored(peer: str, header: str) -> None:
    assert client_address(peer, header) == peer


def test_without_trusted_proxies_no_header_is_believed() -> None:
    assert client_address("127.0.0.1", "203.0.113.9") == "127.0.0.1"


@pytest.mark.parametrize(
    ("header", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("192.0.2.66, 203.0.113.9", "203.0.113.9"),  # only the last entry was added by our proxy
        ("192.0.2.66, 203.0.113.9, 10.0.0.8", "203.0.113.9"),  # through two trusted proxies
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8:2::9]:4711", "2001:db8:2::9"),
        ("2001:db8:2::9", "2001:db8:2::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("192.0.2.66, unknown", "10.0.0.7"),  # only the proxy's own address is known
        ("", "10.0.0.7"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),  # from the internal network
    ],
)
@OURS
def test_a_trusted_proxy_determines_the_client_address(header: str, client: str) -> None:
    assert client_address("10.0.0.7", header) == client
    assert client_address("::ffff:10.0.0.7", header).removeprefix("::ffff:") == client


@OURS
def test_pages_and_sockets_see_the_same_address() -> None:
    request = RequestFactory(headers={"X-Forwarded-For": "192.0.2.66, 203.0.113.9"}).get("/")
    request.META["REMOTE_ADDR"] = "10.0.0.7"
    headers = [(b"x-forwarded-for", b"192.0.2.66"), (b"x-forwarded-for", b"203.0.113.9")]
    handshake = {"client": ("10.0.0.7", 4711), "headers": headers}
    assert address_of(request) == address_of_socket(handshake) == "203.0.113.9"


def test_an_ipv6_network_counts_as_one_client() -> None:
    assert client_network("2001:db8:2::9") == client_network("2001:db8:2::ffff:1")
    assert client_network("2001:db8:2::9") != client_network("2001:db8:2:1::9")
    assert client_network("203.0.113.9") != client_network("203.0.113.8")
    assert client_network("") == ""
