"""Combines waiting notices of a robot into as few messages as the rate limit requires.

Up to three notices are sent as one message each, with a button, as long as half of the minute's
limit stays free. More notices, or any when the limit runs low, become one digest, which counts as
one message. A burst therefore costs one message per fifty notices, and the second half of the
limit stays available for what comes next.

A digest is ordered by priority, then by event (each with a heading), then by interview. A digest
that is too long for DingTalk is split.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django.utils.translation import gettext as _

from interview.models import Delivery
from interview.notifications.dingtalk import templates
from interview.notifications.dingtalk.client import MAX_BODY, GroupRobot
from interview.notifications.dingtalk.responses import Response

MAX_NOTICES = 50  # in one digest; nobody reads more
MAX_SINGLE = 3  # notices that are sent as messages of their own
RESERVED = 9  # messages of the minute's limit that single messages must leave free
MAX_TEXT = MAX_BODY - 1_000  # bytes; the rest is for the JSON around it
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GroupMessage:
    """One message to a group, and the notices in it."""

    deliveries: Sequence[Delivery]

    @property
    def is_digest(self) -> bool:
        return len(self.deliveries) > 1

    def send(self, robot: GroupRobot) -> Response:
        """Send it in the active language."""
        if self.is_digest:
            return robot.send_page(title=digest_title(self.deliveries), text=text(self.deliveries))
        (delivery,) = self.deliveries
        title = templates.title(delivery)
        card = f"#### {title}\n\n{templates.line(delivery, is_linked=False)}"
        return robot.send_card(title=title, text=card, link=_("Open"), url=templates.link(delivery))

    def halves(self) -> list[GroupMessage]:
        """The notices of a digest in two messages."""
        middle = len(self.deliveries) // 2
        return [GroupMessage(self.deliveries[:middle]), GroupMessage(self.deliveries[middle:])]


def combine(deliveries: Iterable[Delivery], *, remaining: int) -> list[GroupMessage]:
    """Messages for these notices, most urgent first. remaining: messages left in this minute."""
    ordered = sorted(templates.with_interviews(deliveries), key=_order)
    if len(ordered) <= MAX_SINGLE and remaining - len(ordered) >= RESERVED:
        return [GroupMessage([delivery]) for delivery in ordered]
    return list(_split(GroupMessage(ordered))) if ordered else []


def _order(delivery: Delivery) -> tuple[int, str, datetime, int, int]:
    start = templates.starts_at(delivery) or LONG_AGO
    return delivery.priority, delivery.event, start, delivery.interview_id or 0, delivery.pk


def _split(message: GroupMessage) -> Iterator[GroupMessage]:
    if not message.is_digest or _size(text(message.deliveries)) <= MAX_TEXT:
        yield message
        return
    for half in message.halves():
        yield from _split(half)


def _size(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode())


def digest_title(deliveries: Sequence[Delivery]) -> str:
    """Text in the chat list: the number of notices and the most urgent event."""
    first = templates.title(deliveries[0])
    return _("%(number)d notices: %(first)s …") % {"number": len(deliveries), "first": first}


def text(deliveries: Sequence[Delivery]) -> str:
    """Markdown of a digest, in the given order."""
    event: Callable[[Delivery], str] = templates.title
    parts = []
    for heading, group in groupby(deliveries, key=event):
        lines = [f"- {templates.line(delivery, is_linked=True)}" for delivery in group]
        parts.append("\n".join([f"#### {heading} ({len(lines)})", "", *lines]))
    return "\n\n".join(parts)
