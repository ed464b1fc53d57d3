from typing import Any

import pytest
from django.test import override_settings

from realtime.sockets.origins import is_trusted


def handshake(origin: str | None, host: str = "board.example:8000", scheme: str = "ws") -> Any:
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return {"headers": headers, "scheme": scheme}


def test_the_serving_origin_itself_is_trusted() -> None:
    assert is_trusted(handshake("http://board.example:8000"))


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://board.example",  # another port
        "https://board.example:8000",  # another scheme
        "http://board.example:8000.evil.example",
        "http://board.example:port",
        "null",
        "",
        None,
    ],
)
def test_any_other_origin_is_untrusted(origin: str | None) -> None:
    assert not is_trusted(handshake(origin))


@override_settings(CSRF_TRUSTED_ORIGINS=["https://jobs.example"])
def test_a_trusted_origin_may_have_its_default_port_spelled_out() -> None:
    assert is_trusted(handshake("https://jobs.example:443", host="internal:8000"))
    assert not is_trusted(handshake("https://jobs.example:444", host="internal:8000"))
