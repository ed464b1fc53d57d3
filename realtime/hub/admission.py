"""The door: who may open a socket, and whether he may still hold it.

Many come at once, after a restart: they are decided about together, in a few queries for all.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from redis.exceptions import RedisError

from monitoring.metrics.metrics import CACHE_REQUESTS
from realtime.log.topics import allowed_user_ids
from realtime.protocol.close_codes import CloseCode

TICKET_SECONDS = 30

TopicFor = Callable[[User, str], str]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at the door: by his session, or, after a ticket, by his id.

    topic_for(person, name): the topic of the address, for this person; name is the address's own.
    follows: the topic that he is following already, whatever the address would give him now.
    """

    topic_for: TopicFor
    name: str
    session_key: str | None = None
    user_id: int | None = None
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who it is, what he would follow, and why not; refusal is None for who may."""

    person: User | None
    topic: str
    refusal: CloseCode | None


def decide(visits: Sequence[Visit]) -> list[Decision]:
    """Decide about each visit: one query for all sessions, one for all people, and what each topic
    asks about all who would follow it.
    """
    wanted = [
        None if person is None else (person, visit.follows or visit.topic_for(person, visit.name))
        for visit, person in zip(visits, _people_of(visits), strict=True)
    ]
    followers: dict[str, dict[int, User]] = defaultdict(dict)
    for person, topic in filter(None, wanted):
        followers[topic][person.pk] = person
    allowed = {
        topic: allowed_user_ids(people.values(), topic) for topic, people in followers.items()
    }
    return [_decision(one, allowed) for one in wanted]


def _decision(wanted: tuple[User, str] | None, allowed: dict[str, set[int]]) -> Decision:
    if wanted is None:
        return Decision(None, "", CloseCode.SIGNED_OUT)
    person, topic = wanted
    return Decision(person, topic, None if person.pk in allowed[topic] else CloseCode.NOT_ALLOWED)


def _people_of(visits: Sequence[Visit]) -> list[User | None]:
    """Who each visitor is; nobody for one who is signed out, gone or deactivated."""
    by_session = _people_of_sessions({visit.session_key for visit in visits if visit.session_key})
    by_ticket = User.objects.in_bulk({visit.user_id for visit in visits if visit.user_id})
    people = [
        by_session.get(visit.session_key or "") or by_ticket.get(visit.user_id or 0)
        for visit in visits
    ]
    return [person if person is not None and person.is_active else None for person in people]


def _people_of_sessions(session_keys: Iterable[str]) -> dict[str, User]:
    """Whoever these sessions belong to now: signed in, active, and with the same password.

    The rule is that of `django.contrib.auth.get_user`, for many sessions at once.
    """
    kept = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    opened = {session.session_key: session.get_decoded() for session in kept}
    people = User.objects.in_bulk({held.get(auth.SESSION_KEY) for held in opened.values()} - {None})
    found = {key: people.get(_user_id(held)) for key, held in opened.items()}
    return {
        key: person
        for key, person in found.items()
        if person is not None and _has_same_password(person, opened[key])
    }


def _user_id(held: dict[str, Any]) -> int:
    return int(held.get(auth.SESSION_KEY, 0))


def _has_same_password(person: User, held: dict[str, Any]) -> bool:
    given = held.get(auth.HASH_SESSION_KEY, "")
    good = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return any(constant_time_compare(given, one) for one in good)


def issue_ticket(user: User, origin: str) -> str:
    """A word that opens one socket for this person from this origin, within half a minute."""
    ticket = secrets.token_urlsafe(24)
    cache.set(_ticket_key(ticket), {"user": user.pk, "origin": origin}, TICKET_SECONDS)
    return ticket


def redeem_ticket(ticket: str, origin: str) -> int | None:
    """The id of whose ticket this is, if it is unused, in time, and shown from where it was asked
    for. Whether he may still watch is for `decide` to say. Raises RedisError if the cache is away.
    """
    try:
        issued = _taken(_ticket_key(ticket))
    except RedisError:
        CACHE_REQUESTS.labels("tickets", "error").inc()
        raise
    CACHE_REQUESTS.labels("tickets", "hit" if issued else "miss").inc()
    return int(issued["user"]) if issued and issued["origin"] == origin else None


def _taken(key: str) -> dict[str, Any] | None:
    """Whoever deletes it has it: of two who show the same ticket at once, one is told "gone"."""
    issued: dict[str, Any] | None = cache.get(key)
    return issued if issued is not None and cache.delete(key) else None


def _ticket_key(ticket: str) -> str:
    return f"socket-ticket:{ticket}"
