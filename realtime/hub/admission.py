"""Decides who may open a socket, and who may keep it open.

After a restart many clients reconnect at once. They are decided about together, with a constant
number of queries plus those of each topic's access rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from realtime.log.topics import allowed_user_ids
from realtime.protocol.close_codes import CloseCode

TopicFor = Callable[[User, str], str]


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A socket that wants to follow a topic, identified by a session or, after a ticket, a user id.

    topic_for(user, name)   the topic of the socket's address for this user
    name                    the variable part of the address
    current_topic           the topic that the socket already follows, if any; it is checked
                            instead of what the address would give now
    """

    topic_for: TopicFor
    name: str
    session_key: str | None = None
    user_id: int | None = None
    current_topic: str = ""


@dataclass(frozen=True, slots=True)
class JoinDecision:
    """The user and topic of a request. refusal: None if the user may follow the topic.

    user is None if nobody is signed in.
    """

    user: User | None
    topic: str
    refusal: CloseCode | None


def decide(requests: Sequence[JoinRequest]) -> list[JoinDecision]:
    """Decide about each request, in the same order."""
    wanted = [
        None
        if user is None
        else (user, request.current_topic or request.topic_for(user, request.name))
        for request, user in zip(requests, _users_of(requests), strict=True)
    ]
    followers: dict[str, dict[int, User]] = defaultdict(dict)
    for user, topic in filter(None, wanted):
        followers[topic][user.pk] = user
    allowed = {topic: allowed_user_ids(users.values(), topic) for topic, users in followers.items()}
    return [_decision(one, allowed) for one in wanted]


def _decision(wanted: tuple[User, str] | None, allowed: dict[str, set[int]]) -> JoinDecision:
    if wanted is None:
        return JoinDecision(None, "", CloseCode.SIGNED_OUT)
    user, topic = wanted
    return JoinDecision(user, topic, None if user.pk in allowed[topic] else CloseCode.NOT_ALLOWED)


def _users_of(requests: Sequence[JoinRequest]) -> list[User | None]:
    """The user of each request; None if signed out, deleted or deactivated."""
    by_session = _users_of_sessions({one.session_key for one in requests if one.session_key})
    by_id = User.objects.in_bulk({one.user_id for one in requests if one.user_id})
    users = [
        by_session.get(one.session_key or "") or by_id.get(one.user_id or 0) for one in requests
    ]
    return [user if user is not None and user.is_active else None for user in users]


def _users_of_sessions(session_keys: Iterable[str]) -> dict[str, User]:
    """The user of each valid session, by session key.

    Applies the rule of `django.contrib.auth.get_user` to many sessions at once: the session has not
    expired, and the user's password is still the one it was opened with.
    """
    sessions = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    contents = {session.session_key: session.get_decoded() for session in sessions}
    users = User.objects.in_bulk({one.get(auth.SESSION_KEY) for one in contents.values()} - {None})
    found = {key: users.get(_user_id(content)) for key, content in contents.items()}
    return {
        key: user
        for key, user in found.items()
        if user is not None and _has_same_password(user, contents[key])
    }


def _user_id(content: dict[str, Any]) -> int:
    return int(content.get(auth.SESSION_KEY, 0))


def _has_same_password(user: User, content: dict[str, Any]) -> bool:
    given = content.get(auth.HASH_SESSION_KEY, "")
    valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(given, one) for one in valid)
