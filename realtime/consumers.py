"""The five sockets, and the topic that each follows."""

from __future__ import annotations

from django.contrib.auth.models import User

from realtime.background import task_rows
from realtime.log import topics
from realtime.sockets.topic_consumer import LiveConsumer


class BoardConsumer(LiveConsumer):
    """`/ws/board/<campaign>/`: the board of one campaign."""

    label = "board"
    shows_watchers = True

    @staticmethod
    def topic_for(person: User, name: str) -> str:
        return topics.board(name)


class WallConsumer(LiveConsumer):
    """`/ws/wall/<campaign>/`: the same cards, masked."""

    label = "wall"

    @staticmethod
    def topic_for(person: User, name: str) -> str:
        return topics.wall(name)


class InterviewerConsumer(LiveConsumer):
    """`/ws/me/`: one person's interviews, notices and work."""

    label = "me"

    @staticmethod
    def topic_for(person: User, name: str) -> str:
        return topics.person(person.pk)


class TaskConsumer(LiveConsumer):
    """`/ws/tasks/`: all runs for operations, one's own for everybody else."""

    label = "tasks"

    @staticmethod
    def topic_for(person: User, name: str) -> str:
        return topics.tasks(None if task_rows.may_see_all(person) else person.pk)


class OperationsConsumer(LiveConsumer):
    """`/ws/ops/`: what the site stands at, for operations."""

    label = "ops"

    @staticmethod
    def topic_for(person: User, name: str) -> str:
        return topics.ops()


CONSUMERS: tuple[type[LiveConsumer], ...] = (
    BoardConsumer,
    WallConsumer,
    InterviewerConsumer,
    TaskConsumer,
    OperationsConsumer,
)
