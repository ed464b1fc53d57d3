"""Revocation: when a user's rights may have changed, every hub checks that user's sockets again.

The changes go through the log as the internal topic `access`. So they reach the hubs in order,
survive lost messages, and take effect within a second, the interval at which hubs poll the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import m2m_changed, post_delete, post_save

from realtime.log import changes, topics
from realtime.log.topics import TopicKind
from realtime.models import ApiToken
from realtime.protocol.server_frames import Batch, FrameText, Row

TOPIC = "access"


def register() -> None:
    """Register the topic `access`, which no client may watch, and the signals that change it."""
    topics.register(
        TopicKind(
            prefix=TOPIC,
            watchers=lambda users, name: set(),
            all_rows=lambda name: [],
            changed_rows=lambda changed: dict.fromkeys(changed, ()),
        )
    )
    user_logged_out.connect(_signed_out, dispatch_uid="realtime.signed_out")
    post_save.connect(_user_saved, sender=User, dispatch_uid="realtime.person_saved")
    post_delete.connect(_user_saved, sender=User, dispatch_uid="realtime.person_deleted")
    post_delete.connect(_token_revoked, sender=ApiToken, dispatch_uid="realtime.token_revoked")
    m2m_changed.connect(
        _groups_changed, sender=User.groups.through, dispatch_uid="realtime.groups_changed"
    )


def record_access_changes(user_ids: Iterable[int]) -> None:
    """Record that the topics these users may watch have to be checked again."""
    changes.record((TOPIC, f"person:{user_id}") for user_id in user_ids)


def _user_ids(batch: Batch) -> set[int]:
    return {int(key.removeprefix("person:")) for key in batch.changes}


def _signed_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record_access_changes([user.pk])


def _user_saved(sender: Any, instance: User, update_fields: Any = None, **kwargs: Any) -> None:
    """Catches deactivations and new passwords; ignores sign-ins, which save only `last_login`."""
    if not kwargs.get("created") and (update_fields is None or set(update_fields) - {"last_login"}):
        record_access_changes([instance.pk])


def _token_revoked(sender: Any, instance: ApiToken, **kwargs: Any) -> None:
    record_access_changes([instance.user_id])


def _groups_changed(
    sender: Any, instance: User | Group, action: str, pk_set: Any, **kwargs: Any
) -> None:
    if action not in {"post_add", "post_remove", "pre_clear", "post_clear"}:
        return
    if isinstance(instance, User):
        record_access_changes([instance.pk])
    else:
        record_access_changes(pk_set or instance.user_set.values_list("pk", flat=True))


class AccessWatcher:
    """The hub's own subscriber of `access`: asks the sockets of a user to check their access.

    changes: how often it has heard that rights may have changed. If the number is the same before
    and after rights are read, they have not changed meanwhile.
    """

    def __init__(self) -> None:
        self.changes = 0
        self._rechecks: dict[int, set[Callable[[], None]]] = {}

    def watch(self, user_id: int, recheck: Callable[[], None]) -> None:
        """Call `recheck` whenever this user's rights may have changed."""
        self._rechecks.setdefault(user_id, set()).add(recheck)

    def unwatch(self, user_id: int, recheck: Callable[[], None]) -> None:
        """End what `watch` began."""
        rechecks = self._rechecks.get(user_id, set())
        rechecks.discard(recheck)
        if not rechecks:
            self._rechecks.pop(user_id, None)

    def offer(self, batch: Batch, text: FrameText) -> None:
        self.changes += 1
        for user_id in _user_ids(batch):
            self._recheck(user_id)

    def offer_latest(self, items: dict[str, Row | None], text: FrameText) -> None:
        """Ignored: `access` has no latest-wins rows."""

    def fail(self, error: Exception) -> None:
        """Changes may have been missed, so check every user."""
        self.recheck_all()

    def recheck_all(self) -> None:
        self.changes += 1
        for user_id in list(self._rechecks):
            self._recheck(user_id)

    def _recheck(self, user_id: int) -> None:
        for recheck in list(self._rechecks.get(user_id, ())):
            recheck()
