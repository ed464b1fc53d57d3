"""The four sockets, and the topic that each follows."""

from __future__ import annotations

from django.contrib.auth.models import User

from realtime import topics
from realtime.live_consumer import LiveConsumer


class BoardConsumer(LiveConsumer):
    """`/ws/board/<campaign>/`: the board of one campaign."""

    label = "board"
    shows_watchers = True

    def topic_for(self, person: User) -> str:
        return topics.board(self.scope["url_route"]["kwargs"]["campaign"])


class WallConsumer(LiveConsumer):
    """`/ws/wall/<campaign>/`: the same cards, masked."""

    label = "wall"

    def topic_for(self, person: User) -> str:
        return topics.wall(self.scope["url_route"]["kwargs"]["campaign"])


class InterviewerConsumer(LiveConsumer):
    """`/ws/me/`: one person's interviews, notices and work."""

    label = "me"

    def topic_for(self, person: User) -> str:
        return topics.person(person.pk)


class TaskConsumer(LiveConsumer):
    """`/ws/tasks/`: all runs for operations, one's own for everybody else."""

    label = "tasks"

    def topic_for(self, person: User) -> str:
        sees_all = topics.may_watch(person, topics.tasks())
        return topics.tasks(None if sees_all else person.pk)
