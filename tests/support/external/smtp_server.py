"""A real SMTP server that keeps what it receives, and answers, or does not, as a test says.

def test_…(post_office): …
    post_office.answers = ["451 busy"]           # to the next messages; then all is well
    post_office.mails, post_office.to("wu@example.com")
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings

PATIENCE_SECONDS = 60.0  # of a busy machine


class PostOffice:
    """The server's handler.

    answers     taken one by one, as the answer to a message; "hang" never answers, "keep and hang"
                takes the message and never says so
    strangers   addresses that are refused for good
    """

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.strangers: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.port = 0
        self._came = threading.Condition()

    def wait_for(self, number: int) -> None:
        """Until so many mails have come."""
        with self._came:
            came = self._came.wait_for(lambda: len(self.mails) >= number, PATIENCE_SECONDS)
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
        if address in self.strangers:
            return self.strangers[address]
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
    """A port nobody listens on at this moment: the controller must know its own beforehand."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def post_office(settings: LazySettings) -> Iterator[PostOffice]:
    """The product's mail goes here."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    office.port = controller.port
    settings.EMAIL_BACKEND = "interview.notifications.email.smtp_backend.Backend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_TIMEOUT = PATIENCE_SECONDS
    try:
        yield office
    finally:
        controller.stop(no_assert=True)
