"""The consumers of the site's WebSocket URLs, and the topic that each follows."""

from __future__ import annotations

from django.contrib.auth.models import User

from realtime.background import task_rows
from realtime.log import topics
from realtime.sockets.topic_consumer import TopicConsumer


class BoardConsumer(TopicConsumer):
    """`/ws/board/<campaign>/`: the board of one campaign."""

    label = "board"
    has_presence = True

    @staticmethod
    def topic_for(user: User, name: str) -> str:
        return topics.board(name)


class WallConsumer(TopicConsumer):
    """`/ws/wall/<campaign>/`: the same cards with masked names, for public screens."""

    label = "wall"

    @staticmethod
    def topic_for(user: User, name: str) -> str:
        return topics.wall(name)


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
