"""Client of DingTalk group robots; the only module that uses DingtalkChatbot.

The library builds and signs messages. Its sending is replaced, because it has no timeout, sleeps in
the caller, and logs what it sends.
"""

from __future__ import annotations

import json
import time
from typing import Any, Protocol

import requests
from dingtalkchatbot.chatbot import ActionCard, CardItem, DingtalkChatbot
from django.conf import settings
from django.utils import timezone
from pydantic import SecretStr
from urllib3.exceptions import MaxRetryError

from interview.models import Robot
from interview.notifications.dingtalk.responses import Reason, Response, decode
from monitoring.metrics.metrics import DINGTALK_ANSWERS

CONNECT_SECONDS, READ_SECONDS = 3.05, 6
MAX_BODY = 20_000  # bytes; DingTalk refuses longer messages
MAX_RESPONSE = 16_384  # bytes; a real response has about a hundred


class Credentials(Protocol):
    """Webhook and secret of a robot from the environment; the secret begins with SEC."""

    @property
    def webhook(self) -> SecretStr: ...
    @property
    def secret(self) -> SecretStr: ...


class NotConfigured(Exception):
    """The environment holds no webhook and secret under this robot's name."""


class GroupRobot(DingtalkChatbot):
    """Sends to one group. Each call makes one request and returns a `Response`, also for a request
    that fails.
    """

    def __init__(self, credentials: Credentials) -> None:
        # With the secret, the library would sign with its own clock.
        super().__init__(credentials.webhook.get_secret_value())
        self.secret = credentials.secret.get_secret_value()

    @classmethod
    def of(cls, robot: Robot) -> GroupRobot:
        """Raises NotConfigured."""
        credentials = settings.DINGTALK_ROBOTS.get(robot.name)
        if credentials is None:
            raise NotConfigured
        return cls(credentials)

    def send_card(self, *, title: str, text: str, link: str, url: str) -> Response:
        """Send a message with one button. title: shown in the chat list. text: Markdown."""
        response: Response = self.send_action_card(ActionCard(title, text, [CardItem(link, url)]))
        return response

    def send_page(self, *, title: str, text: str) -> Response:
        """Send a Markdown message without a button."""
        response: Response = self.send_markdown(title, text)
        return response

    def msg_open_type(self, url: str) -> str:
        """Overrides the library's wrapping of links, which open only within DingTalk."""
        return url

    def post(self, data: dict[str, Any]) -> Response:
        """Sign and send one message. Takes about ten seconds at most."""
        response = self._post(data)
        DINGTALK_ANSWERS.labels(response.reason.value).inc()
        return response

    def _post(self, data: dict[str, Any]) -> Response:
        body = json.dumps(data, ensure_ascii=False).encode()
        if len(body) > MAX_BODY:
            return Response(Reason.TOO_LONG)
        self.start_time = timezone.now().timestamp()
        self.update_webhook()
        try:
            return self._exchange(body)
        except requests.RequestException as error:
            return Response(_reason(error))

    def _exchange(self, body: bytes) -> Response:
        until = time.monotonic() + READ_SECONDS
        with requests.post(
            self.webhook,
            data=body,
            headers=self.headers,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            received = b""
            for byte in response.iter_content(1):
                received += byte
                if len(received) >= MAX_RESPONSE:
                    break
                if time.monotonic() > until:
                    raise requests.ReadTimeout
            return decode(response.status_code, received)


def _reason(error: requests.RequestException) -> Reason:
    """Why there is no response. The error's text is not kept: it contains the URL and its token."""
    if isinstance(error, requests.ReadTimeout):
        return Reason.TIMEOUT
    never_began = error.args and isinstance(error.args[0], MaxRetryError)
    return Reason.UNREACHABLE if never_began else Reason.CUT_OFF
