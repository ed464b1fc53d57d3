"""Single-use tickets, for socket clients that cannot send a session cookie."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.models import User
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

TICKET_SECONDS = 30


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
    """A single-use ticket, valid for 30 seconds, for sockets opened from the asking origin."""

    @extend_schema(request=None, responses={201: Ticket})
    def post(self, request: Request) -> Response:
        origin = request.headers.get("Origin", f"{request.scheme}://{request.get_host()}")
        assert isinstance(request.user, User), "the API refuses anonymous requests"
        try:
            ticket = issue_ticket(request.user, origin.rstrip("/"))
        except RedisError:
            raise TicketsUnavailable from None
        return Response({"ticket": ticket, "expires_in_seconds": TICKET_SECONDS}, status=201)


def issue_ticket(user: User, origin: str) -> str:
    """Create a ticket that opens one socket for this user from this origin.

    Raises RedisError if Redis is away.
    """
    ticket = secrets.token_urlsafe(24)
    cache.set(_ticket_key(ticket), {"user": user.pk, "origin": origin}, TICKET_SECONDS)
    return ticket


def redeem_ticket(ticket: str, origin: str) -> int | None:
    """The id of the user to whom the ticket was issued. Uses the ticket up.

    Returns None if it is unknown, used, expired, or was issued for another origin. Does not check
    what the user may watch; `admission.decide` does. Raises RedisError if Redis is away.
    """
    try:
        issued = _take(_ticket_key(ticket))
    except RedisError:
        CACHE_REQUESTS.labels("tickets", "error").inc()
        raise
    CACHE_REQUESTS.labels("tickets", "hit" if issued else "miss").inc()
    return int(issued["user"]) if issued and issued["origin"] == origin else None


def _take(key: str) -> dict[str, Any] | None:
    """Get and delete. The delete decides a race: only one of two callers gets the value."""
    issued: dict[str, Any] | None = cache.get(key)
    return issued if issued is not None and cache.delete(key) else None


def _ticket_key(ticket: str) -> str:
    return f"socket-ticket:{ticket}"
