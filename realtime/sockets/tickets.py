"""Single-use tickets, for socket clients that cannot send a session cookie.

The socket of a ticket lives no longer than what the ticket was requested with: the session or API
token, and the user's password.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import User
from django.core import signing
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.metrics.metrics import CACHE_REQUESTS
from realtime.hub.admission import TicketHolder
from realtime.models import ApiToken
from realtime.session_limits import SIGN_IN

TICKET_SECONDS = 30
SALT = "realtime.sockets.tickets"
READS = {outcome: CACHE_REQUESTS.labels("tickets", outcome) for outcome in ("hit", "miss", "error")}


class Ticket(serializers.Serializer[Any]):
    """A ticket to send in the first frame of a socket, in place of a session."""

    ticket = serializers.CharField()
    expires_in_seconds = serializers.IntegerField()


class TicketsUnavailable(APIException):
    """Redis is away, and tickets are stored nowhere else."""

    status_code = 503
    default_code = "no_tickets"
    default_detail = _("Tickets cannot be issued right now. Please try again in a moment.")


class SocketTicketView(APIView):
    """A single-use ticket, valid for 30 seconds, for sockets opened from the asking origin.

    The socket closes when the session or the API token that requested the ticket ends.
    """

    reads_by_post = True  # a socket only reads, so a token that may only read gets a ticket

    @extend_schema(request=None, responses={201: Ticket})
    def post(self, request: Request) -> Response:
        origin = request.headers.get("Origin", f"{request.scheme}://{request.get_host()}")
        try:
            ticket = issue_ticket(_holder(request), origin.rstrip("/"))
        except RedisError:
            raise TicketsUnavailable from None
        return Response({"ticket": ticket, "expires_in_seconds": TICKET_SECONDS}, status=201)


def _holder(request: Request) -> TicketHolder:
    assert isinstance(request.user, User), "the API refuses anonymous requests"
    token = request.auth
    if isinstance(token, ApiToken):
        return TicketHolder.of(request.user, token_id=token.pk)
    return TicketHolder.of(request.user, sign_in_id=request.session.get(SIGN_IN))


def issue_ticket(holder: TicketHolder, origin: str) -> str:
    """Create a ticket that opens one socket for this holder from this origin.

    Raises RedisError if Redis is away.
    """
    ticket = secrets.token_urlsafe(24)
    issued = signing.dumps(asdict(holder) | {"origin": origin}, salt=SALT)
    cache.set(_ticket_key(ticket), issued, TICKET_SECONDS)
    return ticket


def redeem_ticket(ticket: str, origin: str) -> TicketHolder | None:
    """The holder to whom the ticket was issued. Uses the ticket up.

    Returns None if it is unknown, used, expired, or was issued for another origin. Does not check
    what the user may watch; `admission.decide` does. Raises RedisError if Redis is away.
    """
    try:
        issued = _take(_ticket_key(ticket))
    except RedisError:
        READS["error"].inc()
        raise
    READS["hit" if issued else "miss"].inc()
    if not issued or issued.pop("origin") != origin:
        return None
    return TicketHolder(**issued)


def _take(key: str) -> dict[str, Any] | None:
    """Get and delete. The delete decides a race: only one of two callers gets the value.

    Tickets are signed, so that somebody who can write to Redis cannot issue any.
    """
    signed = cache.get(key)
    if signed is None or not cache.delete(key):
        return None
    try:
        issued: dict[str, Any] = signing.loads(str(signed), salt=SALT, max_age=TICKET_SECONDS)
    except signing.BadSignature:
        return None
    return issued


def _ticket_key(ticket: str) -> str:
    return f"socket-ticket:{ticket}"
