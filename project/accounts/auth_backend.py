"""Authentication backend that loads a session's user together with their settings."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User


class PrefetchingBackend(ModelBackend):
    """Django's backend, plus a join: nearly every page needs the person's settings."""

    def get_user(self, user_id: int) -> User | None:
        users = User.objects.select_related("personal_settings", "notice_settings")
        user = users.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
