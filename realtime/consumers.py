"""The consumers of the site's WebSocket URLs, and the topic that each follows."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import User
from django.http import QueryDict

from monitoring.http.dates import ALLOWED_YEARS
from realtime.background import task_rows
from realtime.log import topics
from realtime.protocol.errors import BrokenProtocol
from realtime.sockets.topic_consumer import TopicConsumer

NO_QUERY = QueryDict()


class DayConsumer(TopicConsumer):
    """A campaign's list of the day in the address, such as `?day=2026-11-29`; today's without it.

    Today is the day when the socket opens, on the campaign's clock.
    """

    def address_name(self) -> str:
        """Campaign and day, such as `autumn.2026-11-29`, or the campaign alone."""
        campaign: str = self.scope["url_route"]["kwargs"]["campaign"]
        asked = self._query.get("day", "")
        return f"{campaign}.{_valid_day(asked)}" if asked else campaign

    @property
    def _query(self) -> QueryDict:
        text = self.scope["query_string"]
        return QueryDict(text) if text else NO_QUERY


def _valid_day(text: str) -> str:
    """Raises BrokenProtocol if the text is not a date such as 2026-11-29, in a year we accept."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text or day.year not in ALLOWED_YEARS:
        raise BrokenProtocol("day must be a date such as 2026-11-29.")
    return text


class BoardConsumer(DayConsumer):
    """`/ws/board/<campaign>/`: one day of a campaign's board.

    With `?presence=no` for a list that is not shown as a board, such as tomorrow's beside today's.
    """

    label = "board"

    @property
    def has_presence(self) -> bool:
        return self._query.get("presence") != "no"

    @staticmethod
    def topic_for(user: User, name: str) -> str:
        return f"board.{name}"


class WallConsumer(DayConsumer):
    """`/ws/wall/<campaign>/`: the same cards with masked names, for public screens."""

    label = "wall"

    @staticmethod
    def topic_for(user: User, name: str) -> str:
        return f"wall.{name}"


class InterviewerConsumer(TopicConsumer):
    """`/ws/me/`: the user's own interviews, notices and background tasks."""

    label = "me"

    @staticmethod
    def topic_for(user: User, name: str) -> str:
        return topics.person(user.pk)


class TaskConsumer(TopicConsumer):
    """`/ws/tasks/`: all task runs for operations, and everyone else's own."""

    label = "tasks"

    @staticmethod
    def topic_for(user: User, name: str) -> str:
        return topics.tasks(None if task_rows.may_see_all(user) else user.pk)


class OperationsConsumer(TopicConsumer):
    """`/ws/ops/`: the site's status and incidents, for operations."""

    label = "ops"

    @staticmethod
    def topic_for(user: User, name: str) -> str:
        return topics.ops()


CONSUMERS: tuple[type[TopicConsumer], ...] = (
    BoardConsumer,
    WallConsumer,
    InterviewerConsumer,
    TaskConsumer,
    OperationsConsumer,
)
