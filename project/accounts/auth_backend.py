"""Authentication backend: checks passwords, and loads a session's user with their settings."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from project.accounts.sign_ins import sessions_keep


class PrefetchingBackend(ModelBackend):
    """Django's backend, plus a join: nearly every page needs the person's settings.

    When the stored hash is outdated, Django's own stores a new one and thereby ends the person's
    sessions, even one that a simultaneous sign-in has just begun. Here they go on.
    """

    @sensitive_variables("password")
    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        user = User.objects.filter(username=username).first()
        if user is None:
            make_password(password)  # takes as long as for a known name, which so stays secret
            return None
        is_right = check_password(password, user.password, lambda raw: _rehash(user, raw))
        return user if is_right and self.user_can_authenticate(user) else None

    def get_user(self, user_id: int) -> User | None:
        users = User.objects.select_related("personal_settings", "notice_settings")
        user = users.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


@transaction.atomic
def _rehash(user: User, password: str) -> None:
    """Stores the same password with a stronger hash, unless another sign-in just has."""
    earlier = user.get_session_auth_hash()
    unchanged = User.objects.filter(pk=user.pk, password=user.password)
    encoded = make_password(password)
    if unchanged.update(password=encoded):
        user.password = encoded
        sessions_keep(user=user, earlier=earlier)
    else:
        user.refresh_from_db(fields=["password"])
