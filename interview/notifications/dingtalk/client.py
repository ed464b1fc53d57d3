"""The one module that knows DingtalkChatbot. It builds and signs what is sent; how it sends is
replaced, because it waits without a limit, sleeps in its caller, and logs what it is told.
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
from interview.notifications.dingtalk.responses import Answer, Reason, decode
from monitoring.metrics.metrics import DINGTALK_ANSWERS

CONNECT_SECONDS, READ_SECONDS = 3.05, 6
LONGEST_BODY = 20_000  # bytes; longer ones are refused by DingTalk
LONGEST_ANSWER = 16_384  # bytes; an honest answer has a hundred


class Credentials(Protocol):
    """What the environment holds for a robot; the secret begins with SEC."""

    @property
    def webhook(self) -> SecretStr: ...
    @property
    def secret(self) -> SecretStr: ...


class NotConfigured(Exception):
    """The environment holds no webhook and secret under this robot's name."""


class GroupRobot(DingtalkChatbot):
    """Sends to one group. Each call is one request and answers an `Answer`; nothing is raised for
    a request that fails.
    """

    def __init__(self, credentials: Credentials) -> None:
        # Without the secret: it would sign with a clock of its own.
        super().__init__(credentials.webhook.get_secret_value())
        self.secret = credentials.secret.get_secret_value()

    @classmethod
    def of(cls, robot: Robot) -> GroupRobot:
        """Raises NotConfigured."""
        credentials = settings.DINGTALK_ROBOTS.get(robot.name)
        if credentials is None:
            raise NotConfigured
        return cls(credentials)

    def send_card(self, *, title: str, text: str, link: str, url: str) -> Answer:
        """A message with one button. title: what the list of chats shows. text: Markdown."""
        answer: Answer = self.send_action_card(ActionCard(title, text, [CardItem(link, url)]))
        return answer

    def send_page(self, *, title: str, text: str) -> Answer:
        """A message of Markdown."""
        answer: Answer = self.send_markdown(title, text)
        return answer

    def msg_open_type(self, url: str) -> str:
        """Links stay as they are, so that they also open outside of DingTalk."""
        return url

    def post(self, data: dict[str, Any]) -> Answer:
        """Send one message, signed at this moment. Waits about ten seconds at most."""
        answer = self._post(data)
        DINGTALK_ANSWERS.labels(answer.reason.value).inc()
        return answer

    def _post(self, data: dict[str, Any]) -> Answer:
        body = json.dumps(data, ensure_ascii=False).encode()
        if len(body) > LONGEST_BODY:
            return Answer(Reason.TOO_LONG)
        self.start_time = timezone.now().timestamp()
        self.update_webhook()
        try:
            return self._exchange(body)
        except requests.RequestException as error:
            return Answer(_reason(error))

    def _exchange(self, body: bytes) -> Answer:
        until = time.monotonic() + READ_SECONDS
        with requests.post(
            self.webhook,
            data=body,
            headers=self.headers,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            said = b""
            for byte in response.iter_content(1):
                said += byte
                if len(said) >= LONGEST_ANSWER:
                    break
                if time.monotonic() > until:
                    raise requests.ReadTimeout
            return decode(response.status_code, said)


def _reason(error: requests.RequestException) -> Reason:
    """Why there is no answer. The error's own text holds the address, and so the token."""
    if isinstance(error, requests.ReadTimeout):
        return Reason.TIMEOUT
    never_began = error.args and isinstance(error.args[0], MaxRetryError)
    return Reason.UNREACHABLE if never_began else Reason.CUT_OFF
