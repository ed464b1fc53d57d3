"""The door: who may open a socket, and whether he may still hold it."""

from __future__ import annotations

import secrets
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpRequest

from realtime import topics
from realtime.protocol import CloseCode

TICKET_SECONDS = 30


def person_of_session(session_key: str | None) -> User | None:
    """Whoever this session belongs to now: signed in, active, and with the same password."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) else None


def refusal_of(session_key: str | None, user_id: int | None, topic: str) -> CloseCode | None:
    """Why this socket may not be, or may no longer be; None while all is well.

    user_id: of a socket that came with a ticket, and so has no session to end.
    """
    user = person_of_session(session_key) if session_key else active_person(user_id or 0)
    if user is None:
        return CloseCode.SIGNED_OUT
    return None if topics.may_watch(user, topic) else CloseCode.NOT_ALLOWED


def active_person(user_id: int) -> User | None:
    """The person with this id, unless deactivated."""
    return User.objects.filter(pk=user_id, is_active=True).first()


def issue_ticket(user: User, origin: str) -> str:
    """A word that opens one socket for this person from this origin, within half a minute."""
    ticket = secrets.token_urlsafe(24)
    cache.set(_ticket_key(ticket), {"user": user.pk, "origin": origin}, TICKET_SECONDS)
    return ticket


def redeem_ticket(ticket: str, origin: str) -> User | None:
    """Whose ticket this is, if it is unused, in time, and shown from where it was asked for."""
    key = _ticket_key(ticket)
    issued: dict[str, Any] | None = cache.get(key)
    # Whoever deletes it has it: of two who show the same ticket at once, one is told "gone".
    if issued is None or not cache.delete(key) or issued["origin"] != origin:
        return None
    return active_person(issued["user"])


def _ticket_key(ticket: str) -> str:
    return f"socket-ticket:{ticket}"
