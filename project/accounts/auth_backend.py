"""Who a session belongs to, with what the pages ask of him at every step."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User


class PeopleWithSettings(ModelBackend):
    """Django's own, which reads a person's settings in the query that it makes anyway."""

    def get_user(self, user_id: int) -> User | None:
        known = User.objects.select_related("personal_settings", "notice_settings")
        user = known.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
