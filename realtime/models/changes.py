"""The changes log: which key of which topic changed, and at which position."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


def new_epoch() -> str:
    return uuid.uuid4().hex


class TopicHead(models.Model):
    """The last position of a topic.

    `epoch` identifies this numbering. It is replaced when the database continues from an earlier
    state, because positions are then given again; a client with another epoch takes a snapshot.
    """

    topic = models.CharField(max_length=100, primary_key=True)
    epoch = models.CharField(max_length=32, default=new_epoch)
    position = models.BigIntegerField(default=0)
    kept_from = models.BigIntegerField(default=1, help_text="First position still in the log.")

    def __str__(self) -> str:
        return f"{self.topic}@{self.position}"


class NumberedDatabase(models.Model):
    """The database whose changes the relay numbers, in one row; see `realtime.relay.epochs`.

    `numbered_at` is when a relay last did so, by the database's clock, renewed each second. It is
    null after an update from a version whose relay did not write it.
    """

    identity = models.CharField(max_length=100)
    numbered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.identity


class Change(models.Model):
    """A marker: this key of this topic changed. It has no payload; rows are rendered when sent.

    `position` is null until the relay assigns it. Ids are taken before commit, so that they may
    appear out of order and with gaps; positions have neither.
    """

    topic = models.CharField(max_length=100)
    key = models.CharField(max_length=80)
    position = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "position"], name="a_position_names_one_change"
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position=None), name="changes_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.position}: {self.key}"
