"""Who may watch what has changed: told to every hub through the log, as a change of `access`.

So it reaches them in order, survives lost hints, and takes effect within a look at the tops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import m2m_changed, post_delete, post_save

from realtime.log import changes, topics
from realtime.log.topics import TopicKind
from realtime.protocol.server_frames import Batch, FrameText, Row

TOPIC = "access"


def register() -> None:
    """The topic, which nobody watches from outside, and what changes it."""
    topics.register(
        TopicKind(
            prefix=TOPIC,
            watchers=lambda people, name: set(),
            all_rows=lambda name: [],
            rows_of=lambda name, keys: [],
        )
    )
    user_logged_out.connect(_signed_out, dispatch_uid="realtime.signed_out")
    post_save.connect(_person_saved, sender=User, dispatch_uid="realtime.person_saved")
    post_delete.connect(_person_saved, sender=User, dispatch_uid="realtime.person_deleted")
    m2m_changed.connect(
        _groups_changed, sender=User.groups.through, dispatch_uid="realtime.groups_changed"
    )


def record_people(user_ids: Iterable[int]) -> None:
    """What these people may watch has to be asked again."""
    changes.record((TOPIC, f"person:{user_id}") for user_id in user_ids)


def people_of(batch: Batch) -> set[int]:
    """The people an `access` batch is about."""
    return {int(key.removeprefix("person:")) for key in batch.changes}


def _signed_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record_people([user.pk])


def _person_saved(sender: Any, instance: User, update_fields: Any = None, **kwargs: Any) -> None:
    """Deactivated, or with another password; a sign-in, which saves the same row, is neither."""
    if not kwargs.get("created") and (update_fields is None or set(update_fields) - {"last_login"}):
        record_people([instance.pk])


def _groups_changed(
    sender: Any, instance: User | Group, action: str, pk_set: Any, **kwargs: Any
) -> None:
    if action not in {"post_add", "post_remove", "pre_clear", "post_clear"}:
        return
    if isinstance(instance, User):
        record_people([instance.pk])
    else:
        record_people(pk_set or instance.user_set.values_list("pk", flat=True))


class Doorkeeper:
    """The hub's own reader of `access`: asks again about everybody it hears of."""

    def __init__(self) -> None:
        self._watched: dict[int, set[Callable[[], None]]] = {}

    def admit(self, user_id: int, ask_again: Callable[[], None]) -> None:
        """From now on `ask_again` is called when this person's rights may have changed."""
        self._watched.setdefault(user_id, set()).add(ask_again)

    def forget(self, user_id: int, ask_again: Callable[[], None]) -> None:
        askers = self._watched.get(user_id, set())
        askers.discard(ask_again)
        if not askers:
            self._watched.pop(user_id, None)

    def offer(self, batch: Batch, text: FrameText) -> None:
        for user_id in people_of(batch):
            self._ask(user_id)

    def offer_latest(self, items: dict[str, Row | None], text: FrameText) -> None:
        """Nothing about access is passing."""

    def fail(self, error: Exception) -> None:
        """We do not know what we missed."""
        self.ask_about_everybody()

    def ask_about_everybody(self) -> None:
        for user_id in list(self._watched):
            self._ask(user_id)

    def _ask(self, user_id: int) -> None:
        for ask_again in list(self._watched.get(user_id, ())):
            ask_again()
