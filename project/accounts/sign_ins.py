"""Sign-ins of a person: recorded when they sign in, listed and ended on their page."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from interview.notifications.email.account_notices import AccountChange, account_notify
from monitoring.http.client_address import address_of, client_network
from project.accounts.browsers import browser_name
from project.accounts.session_store import SessionStore
from realtime.hub.revocation import record_access_changes
from realtime.models import SignIn
from realtime.session_limits import BEGAN, SIGN_IN, USED


@receiver(user_logged_in)
def record_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Starts the limits of the session, and adds it to the person's list."""
    session, now = request.session, timezone.now()
    if session.session_key is None:  # Django has just emptied that of another person
        session.create()
    session[BEGAN] = session[USED] = now.timestamp()
    address = _valid(address_of(request))
    is_new = _is_new_place(user, address)
    sign_in, _created = SignIn.objects.update_or_create(
        session_key=session.session_key,
        defaults={
            "user": user,
            "address": address or None,
            "browser": browser_name(request.META.get("HTTP_USER_AGENT", "")),
            "began_at": now,
            "last_used_at": now,
        },
    )
    session[SIGN_IN] = sign_in.pk
    if is_new:
        account_notify(user, AccountChange.NEW_PLACE, sign_in=sign_in.pk)


def _valid(address: str) -> str:
    """The address, or "": the peer of a Unix socket has none."""
    try:
        return str(ip_address(address.partition("%")[0]))
    except ValueError:
        return ""


def _is_new_place(user: User, address: str) -> bool:
    """Whether the person has signed in lately, but never from this network."""
    known = SignIn.objects.filter(user=user).values_list("address", flat=True).distinct()
    networks = {client_network(one) for one in known if one}
    return bool(networks) and client_network(address) not in networks


@transaction.atomic
def sign_ins_end(*, user: User, keep: str | None = None, only: int | None = None) -> int:
    """Ends sessions of this person, and the sockets that they opened. Returns how many.

    keep  key of a session that stays
    only  primary key of the one sign-in to end; default: all
    """
    ended = SignIn.objects.filter(user=user).exclude(session_key=keep)
    if only is not None:
        ended = ended.filter(pk=only)
    sessions = Session.objects.filter(session_key__in=ended.values("session_key"))
    number = sessions.delete()[0]
    record_access_changes([user.pk])
    return number


def sessions_keep(*, user: User, earlier: str) -> None:
    """Keeps the sessions of a person whose password is stored with a new hash, but has not changed.

    earlier: `get_session_auth_hash` before
    """
    store = SessionStore()
    active = SignIn.objects.filter(user=user).active().values("session_key")
    for row in Session.objects.select_for_update().filter(session_key__in=active):
        content = store.decode(row.session_data)
        if constant_time_compare(content.get(HASH_SESSION_KEY, ""), earlier):
            content[HASH_SESSION_KEY] = user.get_session_auth_hash()
            row.session_data = store.encode(content)
            row.save(update_fields=["session_data"])  # not the end: this is no use of the session
