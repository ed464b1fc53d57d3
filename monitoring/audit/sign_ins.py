"""Audits sign-ins and changes of users' permissions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import m2m_changed

from monitoring.audit.models import Action
from monitoring.audit.record import record
from monitoring.audit.tracking import track


def connect() -> None:
    """Connects the signals. Only superusers see entries about users and their permissions."""
    track(User, visible_to=lambda user: User.objects.none())
    user_logged_in.connect(_signed_in, dispatch_uid="audit.signed_in")
    for rights in (User.groups, User.user_permissions):
        m2m_changed.connect(
            _rights_changed, sender=rights.through, dispatch_uid=f"audit.{rights.field.name}"
        )


def _signed_in(sender: Any, user: User, **kwargs: Any) -> None:
    record(action=Action.SIGN_IN, label="auth.user", ids=[user.pk], by=user)


def record_failure(username: str) -> int | None:
    """Records a wrong password. Returns the id of the account; None if there is none of this name.

    The name is not recorded: people type passwords into the wrong field.
    """
    found = User.objects.filter(username=username).values_list("pk", flat=True).first()
    record(action=Action.SIGN_IN_FAILED, label="auth.user", ids=[] if found is None else [found])
    return found


def _rights_changed(
    sender: Any,
    instance: Any,
    action: str,
    reverse: bool,  # noqa: FBT001 as Django sends it
    pk_set: set[int] | None,
    **kwargs: Any,
) -> None:
    """Records a changed permission or group membership.

    A `clear` is recorded before it happens: afterwards the affected users are unknown.
    """
    field = "groups" if sender is User.groups.through else "user_permissions"
    if action == "pre_clear" and reverse:
        ids = list(User.objects.filter(**{field: instance}).values_list("pk", flat=True))
    elif action in {"post_add", "post_remove"} and pk_set:
        ids = sorted(pk_set) if reverse else [instance.pk]
    elif action == "pre_clear":
        ids = [instance.pk]
    else:
        return
    if ids:
        record(action=Action.CHANGE, label="auth.user", ids=ids, fields=[field])
