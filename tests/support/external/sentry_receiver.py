"""A fake Sentry server: it parses envelopes and keeps every byte it receives.

with SentryReceiver() as sentry:
    site.start("web", SENTRY_DSN=sentry.dsn)
    …
    error = sentry.wait_for(error_of("ValueError"))
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote

import sentry_sdk

ARRIVES_WITHIN_SECONDS = 60.0  # generous, for a busy machine
KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an envelope. payload: an error, a check-in or a transaction."""

    type: str
    payload: dict[str, Any]


@dataclass(slots=True)
class SentryReceiver:
    """Receives envelopes. never_answers: holds back its responses until `release` is set."""

    never_answers: bool = False
    items: list[Item] = field(default_factory=list)
    received: list[bytes] = field(
        default_factory=list
    )  # decompressed, with request line and headers
    release: threading.Event = field(default_factory=threading.Event)
    _arrived: threading.Condition = field(default_factory=threading.Condition)
    _server: Any = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@127.0.0.1:{self._server.server_port}/1"

    def take(self, head: bytes, body: bytes) -> None:
        items = list(_items(body))
        with self._arrived:
            self.received.append(head + b"\n" + body)
            self.items += items
            self._arrived.notify_all()

    def wait_for(self, matches: Callable[[Item], bool]) -> dict[str, Any]:
        """Waits for an item that matches; returns its payload."""
        with self._arrived:
            self._arrived.wait_for(lambda: any(map(matches, self.items)), ARRIVES_WITHIN_SECONDS)
            found = [item.payload for item in self.items if matches(item)]
        assert found, f"it never arrived, but: {[_short(item) for item in self.items]}"
        return found[0]

    def forget(self) -> None:
        """Deletes what has been received."""
        with self._arrived:
            self.items.clear()
            self.received.clear()

    def is_silent(self) -> bool:
        return not self.received

    def contains(self, text: str) -> bool:
        """True if anything received contains this text: plain, JSON-escaped or URL-quoted."""
        written = {text.encode(), json.dumps(text)[1:-1].encode(), quote(text).encode()}
        return any(form in envelope for envelope in self.received for form in written)


@contextmanager
def sentry_client_restored() -> Iterator[None]:
    """Restores this process's Sentry client afterwards."""
    before = sentry_sdk.get_global_scope().client
    try:
        with sentry_sdk.isolation_scope():
            yield
    finally:
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(before)


def error_of(type_: str, **tags: str) -> Callable[[Item], bool]:
    """Matches an error whose last exception has this type, and that has these tags."""

    def matches(item: Item) -> bool:
        values = item.payload.get("exception", {}).get("values", [])
        found = item.payload.get("tags") or {}
        return bool(values) and values[-1]["type"] == type_ and tags.items() <= found.items()

    return matches


def check_in_of(slug: str, status: str) -> Callable[[Item], bool]:
    def matches(item: Item) -> bool:
        told = item.payload
        return item.type == "check_in" and (told["monitor_slug"], told["status"]) == (slug, status)

    return matches


def _items(body: bytes) -> Any:
    """Yields an envelope's items: each is a header line and a payload."""
    _headers, _, rest = body.partition(b"\n")
    while rest.strip():
        head, _, rest = rest.partition(b"\n")
        about = json.loads(head)
        length = about.get("length", rest.find(b"\n"))
        yield Item(about["type"], json.loads(rest[:length]))
        rest = rest[length:].removeprefix(b"\n")


def _short(item: Item) -> str:
    values = item.payload.get("exception", {}).get("values", [{}])
    return f"{item.type} {values[-1].get('type', '')} {item.payload.get('tags', '')}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        receiver: SentryReceiver = self.server.receiver  # type: ignore[attr-defined]
        receiver.take(f"{self.requestline}\n{self.headers}".encode(), body)
        if receiver.never_answers:
            receiver.release.wait()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Keeps the test output free of request logs."""
