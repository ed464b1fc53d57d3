"""A fake DingTalk server: it verifies signatures, enforces the rate limit, and answers on request.

with FakeDingtalk() as dingtalk:
    settings.DINGTALK_ROBOTS = {"autumn": dingtalk.credentials}
    dingtalk.next_answers.append({"errcode": -1, "errmsg": "system busy"})
    …
    assert dingtalk.texts == [...]; assert dingtalk.throttled == 0

It reads Django's `timezone.now`, so a test that stops the clock stops this server's clock too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from project.environment.dingtalk_credentials import RobotCredentials

TOKEN = "0123456789abcdef0123456789abcdef"
SECRET = "SECa1b2c3d4e5f6"
PER_MINUTE = 20
MINUTE, REFUSAL, SIGNED_WITHIN = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
LONGEST_BODY = 20_000  # bytes
OK = {"errcode": 0, "errmsg": "ok"}
SLOW_DOWN = {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
NO_TOKEN = {"errcode": 300005, "errmsg": "token is not exist"}
OLD_TIME = {"errcode": 310000, "errmsg": "invalid timestamp"}
WRONG_SIGN = {"errcode": 310000, "errmsg": "sign not match"}
TOO_LONG = {"errcode": 460101, "errmsg": "message too long"}
Reply = Callable[["_Handler"], None]


class FakeDingtalk:
    """The DingTalk API for one robot.

    next_answers: replies used once each instead of the usual one: an object (sent as JSON), bytes
    (sent as they are), or a function of the request's handler.
    """

    def __init__(self) -> None:
        self.now: Callable[[], datetime] = lambda: timezone.now()
        self.messages: list[dict[str, Any]] = []
        self.next_answers: deque[dict[str, Any] | bytes | Reply] = deque()
        self.requests = 0
        self.throttled = 0
        self.release = threading.Event()  # requests that hang wait for this
        self._accepted: deque[datetime] = deque()
        self._refuses_until: datetime | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.dingtalk = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def webhook(self) -> str:
        return f"{self.origin}/robot/send?access_token={TOKEN}"

    @property
    def credentials(self) -> RobotCredentials:
        return RobotCredentials.model_validate({"webhook": self.webhook, "secret": SECRET})

    @property
    def environment(self) -> dict[str, str]:
        """The variables for a process that a test starts; its robot is called autumn."""
        robots = {"autumn": {"webhook": self.webhook, "secret": SECRET}}
        return {"DINGTALK_ORIGIN": self.origin, "DINGTALK_ROBOTS": json.dumps(robots)}

    @property
    def texts(self) -> list[str]:
        """The Markdown of the accepted messages, in order."""
        return [message[message["msgtype"]]["text"] for message in self.messages]

    def forget(self) -> None:
        """Forgets all messages and planned answers, also for the limit of a minute."""
        with self._lock:
            self.messages.clear()
            self.next_answers.clear()
            self._accepted.clear()
            self._refuses_until = None
            self.requests = 0

    def answer(self, address: str, body: bytes) -> dict[str, Any] | bytes | Reply:
        """Returns the response to a POST: an error, else a planned answer, else OK."""
        with self._lock:
            self.requests += 1
            fault = self._fault(address, body)
            if fault is not None:
                return fault
            if self.next_answers:
                return self.next_answers.popleft()
            self.messages.append(json.loads(body))
            return OK

    def _fault(self, address: str, body: bytes) -> dict[str, Any] | None:
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != "/robot/send" or query.get("access_token") != TOKEN:
            return NO_TOKEN
        stated = datetime.fromtimestamp(int(query.get("timestamp", 0)) / 1000, tz=self.now().tzinfo)
        if abs(self.now() - stated) > SIGNED_WITHIN:
            return OLD_TIME
        if query.get("sign") != _signature(query["timestamp"]):
            return WRONG_SIGN
        if self._is_too_fast():
            self.throttled += 1
            return SLOW_DOWN
        return TOO_LONG if len(body) > LONGEST_BODY else None

    def _is_too_fast(self) -> bool:
        now = self.now()
        if self._refuses_until is not None and now < self._refuses_until:
            return True
        while self._accepted and self._accepted[0] <= now - MINUTE:
            self._accepted.popleft()
        if len(self._accepted) >= PER_MINUTE:
            self._refuses_until = now + REFUSAL
            return True
        self._accepted.append(now)
        return False


def _signature(timestamp: str) -> str:
    signed = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.dingtalk.answer(self.path, body)
        if callable(answer):
            answer(self)
        else:
            self.reply(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    @property
    def dingtalk(self) -> FakeDingtalk:
        found: FakeDingtalk = self.server.dingtalk  # type: ignore[attr-defined]
        return found

    def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the test output free of request logs."""


def hangs(handler: _Handler) -> None:
    """Accepts the message and never answers."""
    handler.dingtalk.release.wait()
    handler.close_connection = True


def hangs_up(handler: _Handler) -> None:
    """Accepts the message and closes the connection."""
    handler.close_connection = True


def status(number: int, **headers: str) -> Reply:
    """Returns an answer with this HTTP status."""
    return lambda handler: handler.reply(b"<html>no</html>", number, **headers)
