"""The session store, named by SESSION_ENGINE: Django's, plus idle and absolute limits.

A signed-in session records its use every few minutes, which extends it until the absolute limit,
and keeps the row that lists it (`SignIn`) up to date.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

from realtime import session_limits
from realtime.models import SignIn


class SessionStore(db.SessionStore):
    """Must keep this name: Django's signing salt contains it, so other names lose all sessions."""

    def load(self) -> dict[str, Any]:
        """The content, or {} if the session has expired or reached a limit."""
        content: dict[str, Any] = super().load()
        now = timezone.now()
        if session_limits.is_over(content, now):
            self._session_key = None  # as Django's store does for an expired session
            return {}
        if session_limits.has_use_to_record(content, now):
            content[session_limits.USED] = now.timestamp()
            self.modified = True  # saved at the end of the request
        return content

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 as Django calls it
        super().save(must_create)
        if sign_in := self.get(session_limits.SIGN_IN):
            SignIn.objects.filter(pk=sign_in).update(
                session_key=self.session_key, last_used_at=timezone.now()
            )

    def get_session_cookie_age(self) -> int:
        """Seconds that the session and its cookie last from now, if nothing uses it."""
        left = session_limits.seconds_left(self._session, timezone.now())  # type: ignore[attr-defined]  # Django's own
        return settings.SESSION_COOKIE_AGE if left is None else max(0, int(left))
