"""A real SMTP server that keeps what it receives and answers as a test asks.

def test_…(smtp_server): …
    smtp_server.answers = ["451 busy"]           # for the next messages; then it accepts
    smtp_server.mails, smtp_server.to("wu@example.com")
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings

TIMEOUT_SECONDS = 60.0  # generous, for a busy machine


class SmtpServer:
    """The handler of the SMTP server.

    answers             used one by one, for one message each; "hang" never answers, "keep and
                        hang" accepts the message and never answers
    refused_addresses   recipients that are refused permanently, with the answer
    """

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.refused_addresses: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.port = 0
        self._came = threading.Condition()

    def wait_for(self, number: int) -> None:
        """Waits until this many mails have arrived."""
        with self._came:
            came = self._came.wait_for(lambda: len(self.mails) >= number, TIMEOUT_SECONDS)
        assert came, f"{len(self.mails)} mails have come, not {number}"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if address in str(mail["To"])]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refused_addresses:
            return self.refused_addresses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang":
            await asyncio.Event().wait()
        if answer.startswith(("250", "keep")):
            with self._came:
                self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
                self._came.notify_all()
        if answer == "keep and hang":
            await asyncio.Event().wait()
        return answer


def free_port() -> int:
    """Returns a free port: the controller needs to know its own beforehand."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_smtp_server() -> Iterator[SmtpServer]:
    """Runs the server until the end of the block."""
    handler = SmtpServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop(no_assert=True)


@pytest.fixture
def smtp_server(settings: LazySettings) -> Iterator[SmtpServer]:
    """An SMTP server that receives the product's e-mail."""
    with running_smtp_server() as handler:
        settings.EMAIL_BACKEND = "interview.notifications.email.smtp_backend.Backend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_REACHES_PEOPLE = True
        settings.EMAIL_PORT = handler.port
        settings.EMAIL_USE_TLS = False
        settings.EMAIL_TIMEOUT = TIMEOUT_SECONDS
        yield handler
