"""The smoke test passes on a site that works, and names what does not."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from deploy import smoke
from tests.support.processes import Site

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_a_site_of_a_developer_lacks_only_names_of_static_files_that_may_be_kept(
    site: Site,
) -> None:
    site.start("web", METRICS_TOKEN="for-prometheus")
    (fault,) = smoke.faults(site.url)
    assert fault.startswith("Style sheets")


class Careless(BaseHTTPRequestHandler):
    """Answers all questions with a page, to everybody."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<p>Hello")

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def careless() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Careless) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_site_that_is_open_to_all_fails_by_name(careless: str) -> None:
    found = " ".join(smoke.faults(careless))
    for words in ("content policy is not strict", "names no style sheet", "anybody may read them"):
        assert words in found
    assert "/board/ answered 200, not 302" in found
    assert "WebSockets" in found


def test_a_site_that_is_away_fails_in_every_claim() -> None:
    assert len(smoke.faults("http://127.0.0.1:9")) == len(smoke.CLAIMS)
