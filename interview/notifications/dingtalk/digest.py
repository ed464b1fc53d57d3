"""How many messages become of the notices that wait for a robot.

A few go as one message each, with a button, as long as more than half of the minute's budget is
left. More than a few, or any when the budget runs low, are folded into one digest: it counts as
one message, however many notices it tells. So a burst of any size costs one message for each
fifty notices, and the second half of the budget is always there for what comes next.

In a digest the most urgent stand first; within the same urgency, each event has a heading, and
what concerns the same interview stands together. One that would be too long becomes several.
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
from interview.notifications.dingtalk.client import LONGEST_BODY, GroupRobot
from interview.notifications.dingtalk.responses import Answer

MOST = 50  # notices in one digest; more nobody reads
FEW = 3
KEPT_FOR_LATER = 9  # half of the budget of a minute
LONGEST_TEXT = LONGEST_BODY - 1_000  # bytes; the rest is the message around it
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, and the notices that it tells."""

    deliveries: Sequence[Delivery]

    @property
    def is_digest(self) -> bool:
        return len(self.deliveries) > 1

    def send(self, robot: GroupRobot) -> Answer:
        """In the language that is active."""
        if self.is_digest:
            return robot.send_page(title=digest_title(self.deliveries), text=text(self.deliveries))
        (delivery,) = self.deliveries
        title = templates.title(delivery)
        card = f"#### {title}\n\n{templates.line(delivery, is_linked=False)}"
        return robot.send_card(title=title, text=card, link=_("Open"), url=templates.link(delivery))

    def halves(self) -> list[Message]:
        """The same notices in two messages; of a digest only."""
        middle = len(self.deliveries) // 2
        return [Message(self.deliveries[:middle]), Message(self.deliveries[middle:])]


def fold(deliveries: Iterable[Delivery], *, room: int) -> list[Message]:
    """The messages that tell these, the most urgent first. room: messages left in this minute."""
    ordered = sorted(templates.with_their_interviews(deliveries), key=_order)
    if len(ordered) <= FEW and room - len(ordered) >= KEPT_FOR_LATER:
        return [Message([delivery]) for delivery in ordered]
    return list(_short_enough(Message(ordered))) if ordered else []


def _order(delivery: Delivery) -> tuple[int, str, datetime, int, int]:
    start = templates.starts_at(delivery) or LONG_AGO
    return delivery.priority, delivery.event, start, delivery.interview_id or 0, delivery.pk


def _short_enough(message: Message) -> Iterator[Message]:
    if not message.is_digest or _size(text(message.deliveries)) <= LONGEST_TEXT:
        yield message
        return
    for half in message.halves():
        yield from _short_enough(half)


def _size(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode())


def digest_title(deliveries: Sequence[Delivery]) -> str:
    """What the list of chats shows: how many, and the most urgent event."""
    first = templates.title(deliveries[0])
    return _("%(number)d notices: %(first)s …") % {"number": len(deliveries), "first": first}


def text(deliveries: Sequence[Delivery]) -> str:
    """All of them in Markdown, in the order given."""
    event: Callable[[Delivery], str] = templates.title
    parts = []
    for heading, group in groupby(deliveries, key=event):
        lines = [f"- {templates.line(delivery, is_linked=True)}" for delivery in group]
        parts.append("\n".join([f"#### {heading} ({len(lines)})", "", *lines]))
    return "\n\n".join(parts)
