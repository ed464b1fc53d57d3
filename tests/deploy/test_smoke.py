"""The smoke test of a deployed site names each check that fails."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from deploy import smoke
from tests.support.product.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_a_development_site_fails_only_the_check_for_hashed_style_sheets(
    site: Site,
) -> None:
    site.start("web", METRICS_TOKEN="for-prometheus")
    (failure,) = smoke.failures(site.url)
    assert failure.startswith("Style sheets")


class Careless(BaseHTTPRequestHandler):
    """Answers every request with a page, without access control."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<p>Hello")

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the test output free of request logs."""


@pytest.fixture
def careless() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_site_open_to_everybody_fails_with_reasons(careless: str) -> None:
    found = " ".join(smoke.failures(careless))
    for words in ("policy is not strict", "links no style sheet", "Anybody can read them"):
        assert words in found
    assert "/board/ answered 200, not 302" in found
    assert "WebSockets" in found


def test_a_site_that_is_down_fails_every_check() -> None:
    assert len(smoke.failures("http://127.0.0.1:9")) == len(smoke.CHECKS)
