"""The production nginx: what it accepts, forwards, logs and caches."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from django.urls import get_resolver

from tests.support.external.nginx import NginxServer, nginx
from tests.support.external.programs import DEPLOY, free_port
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("nginx")]

MEBIBYTE = 1024 * 1024
OF_OPERATIONS = {"metrics", "alerts", "sentry-debug"}
OUR_OWN = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "X-Real-IP": "1.1.1.1"}


class Echo(BaseHTTPRequestHandler):
    """A fake web process that answers with the request it received."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        received = {name.lower(): value for name, value in self.headers.items()}
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        body = json.dumps({"path": self.path, "headers": received, "length": length}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        """Keeps the test output free of request logs."""


@contextmanager
def echoing(port: int = 0) -> Iterator[int]:
    """Runs an echo server at this port, or a free one; yields the port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Echo)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def web() -> Iterator[int]:
    with echoing() as port:
        yield port


@pytest.fixture(scope="module")
def edge(
    web: int, collected: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NginxServer]:
    """nginx in front of two web processes, the first of which is down."""
    directory = tmp_path_factory.mktemp("edge")
    (directory / "static").symlink_to(collected)
    with nginx(directory, [free_port(), web]) as edge:
        yield edge


def echoed(edge: NginxServer, path: str = "/", **headers: str) -> dict[str, str]:
    """Returns the headers with which a request arrives behind nginx."""
    answer = httpx.get(f"{edge.url}{path}", headers=headers)
    received: dict[str, str] = answer.raise_for_status().json()["headers"]
    return received


def test_forwarding_headers_from_a_client_are_dropped(edge: NginxServer) -> None:
    received = json.dumps(echoed(edge, **OUR_OWN, **{"X-Forwarded-Host": "evil.example.com"}))
    assert "203.0.113.7" not in received
    assert "1.1.1.1" not in received
    assert "evil.example.com" not in received


def test_the_clients_real_address_and_scheme_are_forwarded_once(edge: NginxServer) -> None:
    received = echoed(edge, **OUR_OWN)
    assert received["x-forwarded-for"] == "127.0.0.1"
    assert received["x-forwarded-proto"] == "http"
    assert received["host"] == edge.url.removeprefix("http://"), "with the port, for origins"


def test_the_log_has_the_request_id_but_neither_address_nor_path(edge: NginxServer) -> None:
    received = echoed(edge, "/my-application/a-secret/?email=li@example.com")
    line = logged(edge, received["x-request-id"])
    assert (line["status"], line["path_class"]) == (200, "/my-application/")
    assert "a-secret" not in edge.access_log
    assert "li@example.com" not in edge.access_log


def test_the_log_has_the_times_of_every_web_process_that_was_tried(edge: NginxServer) -> None:
    """The first of the two is down, so half of the requests have two of each."""
    sent = [echoed(edge, "/board/")["x-request-id"] for _ in range(4)]
    lines = [logged(edge, each) for each in sent]
    assert any("," in line["web_status"] for line in lines), "one server was down"
    for line in lines:
        for name in ("web_connect_seconds", "web_header_seconds", "web_seconds"):
            times = line[name].split(", ")
            assert len(times) == len(line["web_status"].split(", "))
            assert float(times[-1]) >= 0


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/metrics/site"])
def test_probes_and_scrapes_are_not_in_the_access_log(edge: NginxServer, path: str) -> None:
    """A later request is logged after them, since nginx has one log and writes it in order."""
    before = edge.access_log.count("\n")
    with httpx.Client() as client:  # one connection, so one process of nginx
        client.get(f"{edge.url}{path}")
        later = client.get(f"{edge.url}/board/").json()["headers"]["x-request-id"]
    assert logged(edge, later)["path_class"] == "/board/"
    assert edge.access_log.count("\n") == before + 1


def test_every_page_of_the_product_has_a_path_class() -> None:
    """And only those: what a visitor makes up is `other`."""
    config = (DEPLOY / "nginx" / "recruit.conf").read_text()
    classes = re.search(r"\^/\(\?<first>([^)]+)\)/", config)
    assert classes
    assert set(classes[1].split("|")) == first_parts() | {"static", "ws"}


def first_parts() -> set[str]:
    """Return the first part of each path, without those of operations, which nginx handles."""
    paths = list_urls(get_resolver().url_patterns)
    return {path.split("/")[0] for path in paths if "/" in path} - OF_OPERATIONS


def list_urls(patterns: Iterable[Any], prefix: str = "") -> Iterator[str]:
    """Yield every path of the product; parameters are written as Django writes them."""
    for each in patterns:
        path = prefix + str(each.pattern).lstrip("^")
        if hasattr(each, "url_patterns"):
            yield from list_urls(each.url_patterns, path)
        else:
            yield path


def test_a_path_with_a_token_has_no_line_in_the_error_log(web: int, tmp_path: Path) -> None:
    """Whatever fails: here nginx cannot keep the body of the request."""
    with nginx(tmp_path, [web]) as edge:
        shutil.rmtree(tmp_path / "nginx-body")
        (tmp_path / "nginx-body").touch()
        for path in ("/my-application/a-secret/confirm/", "/accounts/password/new/Mg/a-secret/"):
            assert httpx.post(f"{edge.url}{path}", content=bytes(MEBIBYTE)).status_code == 500
        assert httpx.post(f"{edge.url}/calendar/a-secret.ics", content=bytes(MEBIBYTE)).is_error
        assert httpx.post(f"{edge.url}/board/", content=bytes(MEBIBYTE)).status_code == 500
        until(lambda: "/board/" in edge.error_log)
        assert "a-secret" not in edge.error_log + edge.access_log


def test_pages_are_served_while_one_web_process_is_down(edge: NginxServer) -> None:
    for _ in range(10):
        assert httpx.get(edge.url).status_code == 200
        assert httpx.post(edge.url, content=b"nothing was sent to the other").status_code == 200


def test_pages_are_served_by_a_process_that_was_down_a_moment_ago(tmp_path: Path) -> None:
    """As during a deployment: one process starts while the other stops."""
    first, second = free_port(), free_port()
    with nginx(tmp_path, [first, second]) as edge:
        for _ in range(3):
            for port in (first, second):
                with echoing(port):
                    assert [httpx.get(edge.url).status_code for _ in range(4)] == [200] * 4


def test_a_body_of_the_size_of_an_import_passes_and_a_larger_one_does_not(
    edge: NginxServer,
) -> None:
    large = httpx.post(edge.url, content=bytes(10 * MEBIBYTE))
    assert large.json()["length"] == 10 * MEBIBYTE
    assert httpx.post(edge.url, content=bytes(12 * MEBIBYTE)).status_code == 413


@pytest.mark.parametrize("path", ["/metrics", "/metrics/site", "/alerts/dingtalk/"])
def test_operations_addresses_are_not_served_to_visitors(edge: NginxServer, path: str) -> None:
    assert httpx.get(f"{edge.url}{path}").status_code == 404
    assert httpx.post(f"{edge.url}{path}").status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_pages_can_be_read_from_inside(edge: NginxServer, path: str) -> None:
    assert echoed(edge, path)


def test_a_hashed_file_is_cached_for_ever_and_compressed(edge: NginxServer) -> None:
    name = hashed(edge, "realtime/live.js")
    answer = httpx.get(f"{edge.url}/static/{name}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"].startswith(("text/javascript", "application/javascript"))
    assert answer.text == (edge.directory / "static" / name).read_text()


def test_a_file_without_a_hash_is_cached_for_a_minute_only(edge: NginxServer) -> None:
    answer = httpx.get(f"{edge.url}/static/realtime/live.js")
    assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_a_file_of_another_version_is_requested_from_the_web_processes(edge: NginxServer) -> None:
    path = "/static/realtime/live.0123456789ab.js"
    assert httpx.get(f"{edge.url}{path}").json()["path"] == path


def logged(edge: NginxServer, request_id: str) -> dict[str, Any]:
    """Return the line of this request. It is written after the answer."""
    until(lambda: request_id in edge.access_log)
    (line,) = [line for line in edge.access_log.splitlines() if request_id in line]
    found: dict[str, Any] = json.loads(line)
    return found


def hashed(edge: NginxServer, name: str) -> str:
    manifest = json.loads((edge.directory / "static" / "staticfiles.json").read_text())
    found: str = manifest["paths"][name]
    return found


def test_in_production_http_redirects_to_https(web: int, tmp_path: Path) -> None:
    with nginx(tmp_path, [web], by_tls=True) as edge:
        sent = httpx.get(f"{edge.url}/board/?day=today")
        assert sent.status_code == 308
        assert sent.headers["Location"] == "https://127.0.0.1/board/?day=today"
        trust = ssl.create_default_context(cafile=str(tmp_path / "tls_certificate"))
        trust.check_hostname = False
        answer = httpx.get(f"https://127.0.0.1:{edge.tls_port}/", verify=trust)
    assert answer.json()["headers"]["x-forwarded-proto"] == "https"


TLS = ssl.TLSVersion


@pytest.mark.parametrize("version", [TLS.TLSv1_2, TLS.TLSv1_3])
def test_a_connection_uses_current_tls_with_forward_secrecy(
    web: int, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    with nginx(tmp_path, [web], by_tls=True) as edge:
        name, protocol, _bits = handshake(edge, version, "ALL:@SECLEVEL=0")
    assert protocol == {TLS.TLSv1_2: "TLSv1.2", TLS.TLSv1_3: "TLSv1.3"}[version]
    assert name.startswith(("ECDHE", "TLS_"))


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [(TLS.TLSv1, "ALL:@SECLEVEL=0"), (TLS.TLSv1_1, "ALL:@SECLEVEL=0")]
    + [
        (TLS.TLSv1_2, weak)
        for weak in ("AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "AES128-SHA")
    ],
)
def test_old_tls_and_weak_ciphers_are_refused(
    web: int, tmp_path: Path, version: ssl.TLSVersion, ciphers: str
) -> None:
    with nginx(tmp_path, [web], by_tls=True) as edge, pytest.raises(ssl.SSLError):
        handshake(edge, version, ciphers)


def handshake(edge: NginxServer, version: ssl.TLSVersion, ciphers: str) -> tuple[str, str, int]:
    """Returns name, protocol and bits of the cipher that nginx chooses. Raises ssl.SSLError."""
    context = ssl.create_default_context(cafile=str(edge.directory / "tls_certificate"))
    context.check_hostname = False
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of old versions, which is the point
        context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", edge.tls_port)) as plain,
        context.wrap_socket(plain) as secure,
    ):
        chosen = secure.cipher()
    assert chosen
    return chosen
