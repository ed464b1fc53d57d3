"""Decides who may open a socket, and who may keep it open.

After a restart many clients reconnect at once. They are decided about together, with a constant
number of queries plus those of each topic's access rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from realtime import session_limits
from realtime.log.topics import allowed_user_ids, full_topics, is_for_operations
from realtime.models import ApiToken, SignIn
from realtime.protocol.close_codes import CloseCode

TopicFor = Callable[[User, str], str]


@dataclass(frozen=True, slots=True)
class TicketHolder:
    """To whom a ticket was issued. The socket ends with the session or token, and the password.

    password_hash  of the user's sessions (`get_session_auth_hash`): another password, another hash
    token_id       the API token that requested the ticket
    sign_in_id     the sign-in whose session requested it
    """

    user_id: int
    password_hash: str
    token_id: int | None = None
    sign_in_id: int | None = None

    @classmethod
    def of(
        cls, user: User, *, token_id: int | None = None, sign_in_id: int | None = None
    ) -> TicketHolder:
        return cls(user.pk, user.get_session_auth_hash(), token_id, sign_in_id)


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A socket that wants to follow a topic, identified by a session or by a ticket's holder.

    topic_for(user, name)   the topic of the socket's address for this user; it may lack the day
    name                    the variable part of the address
    current_topic           the topic that the socket already follows, if any; it is checked
                            instead of what the address would give now
    """

    topic_for: TopicFor
    name: str
    session_key: str | None = None
    holder: TicketHolder | None = None
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
    asked = [
        None
        if identity is None
        else (identity, request.current_topic or request.topic_for(identity.user, request.name))
        for request, identity in zip(requests, _identities(requests), strict=True)
    ]
    full = full_topics({one[1] for one in asked if one is not None})
    wanted = [None if one is None else (one[0], full[one[1]]) for one in asked]
    followers: dict[str, dict[int, User]] = defaultdict(dict)
    for identity, topic in filter(None, wanted):
        followers[topic][identity.user.pk] = identity.user
    allowed = {topic: allowed_user_ids(users.values(), topic) for topic, users in followers.items()}
    return [_decision(one, allowed) for one in wanted]


@dataclass(frozen=True, slots=True)
class _Identity:
    """A signed-in user. is_limited: an API token restricts them to their own tasks."""

    user: User
    is_limited: bool = False


def _decision(wanted: tuple[_Identity, str] | None, allowed: dict[str, set[int]]) -> JoinDecision:
    if wanted is None:
        return JoinDecision(None, "", CloseCode.SIGNED_OUT)
    identity, topic = wanted
    may = identity.user.pk in allowed[topic]
    may = may and not (identity.is_limited and is_for_operations(topic))
    return JoinDecision(identity.user, topic, None if may else CloseCode.NOT_ALLOWED)


def _identities(requests: Sequence[JoinRequest]) -> list[_Identity | None]:
    """The identity of each request; None if signed out, deleted or deactivated."""
    by_session = _users_of_sessions({one.session_key for one in requests if one.session_key})
    by_holder = _identities_of_holders({one.holder for one in requests if one.holder})
    found = [
        _Identity(user)
        if (user := by_session.get(one.session_key or ""))
        else by_holder.get(one.holder)
        for one in requests
    ]
    return [one if one is not None and one.user.is_active else None for one in found]


def _identities_of_holders(
    holders: Collection[TicketHolder],
) -> dict[TicketHolder | None, _Identity]:
    """The identity of each holder whose session or token, and password, are still valid."""
    if not holders:
        return {}
    users = User.objects.in_bulk({one.user_id for one in holders})
    tokens = ApiToken.objects.in_bulk({one.token_id for one in holders if one.token_id})
    sign_ins = SignIn.objects.in_bulk({one.sign_in_id for one in holders if one.sign_in_id})
    by_session = _users_of_sessions({one.session_key for one in sign_ins.values()})
    found: dict[TicketHolder | None, _Identity] = {}
    for one in holders:
        user, token = users.get(one.user_id), tokens.get(one.token_id or 0)
        sign_in = sign_ins.get(one.sign_in_id or 0)
        if user is None or not _has_password(user, one.password_hash):
            continue
        if one.token_id and (token is None or token.is_expired):
            continue
        if one.sign_in_id and (sign_in is None or sign_in.session_key not in by_session):
            continue
        is_limited = token is not None and token.scope != ApiToken.Scope.OPERATIONS
        found[one] = _Identity(user, is_limited)
    return found


def _users_of_sessions(session_keys: Collection[str]) -> dict[str, User]:
    """The user of each valid session, by session key.

    Applies the rule of `django.contrib.auth.get_user` to many sessions at once: the session has not
    expired, and the user's password is still the one it was opened with.
    """
    if not session_keys:
        return {}
    now = timezone.now()
    sessions = Session.objects.filter(session_key__in=session_keys, expire_date__gt=now)
    contents = {session.session_key: session.get_decoded() for session in sessions}
    contents = {key: one for key, one in contents.items() if not session_limits.is_over(one, now)}
    users = User.objects.in_bulk({one.get(auth.SESSION_KEY) for one in contents.values()} - {None})
    found = {key: users.get(_user_id(content)) for key, content in contents.items()}
    return {
        key: user
        for key, user in found.items()
        if user is not None and _has_password(user, contents[key].get(auth.HASH_SESSION_KEY, ""))
    }


def _user_id(content: dict[str, Any]) -> int:
    return int(content.get(auth.SESSION_KEY, 0))


def _has_password(user: User, password_hash: str) -> bool:
    valid = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(password_hash, one) for one in valid)
