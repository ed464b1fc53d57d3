"""Tickets for sockets of clients that cannot send a session cookie."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from realtime.hub import admission


class Ticket(serializers.Serializer[Any]):
    """What the first frame of a socket carries instead of a session."""

    ticket = serializers.CharField()
    expires_in_seconds = serializers.IntegerField()


class TicketsUnavailable(APIException):
    """Tickets live in Redis alone; a socket with a session needs none."""

    status_code = 503
    default_code = "no_tickets"
    default_detail = _("Tickets cannot be issued right now. Please try again in a moment.")


class SocketTicketView(APIView):
    """A single-use ticket, good for half a minute, for sockets opened from the asking origin."""

    @extend_schema(request=None, responses={201: Ticket})
    def post(self, request: Request) -> Response:
        origin = request.headers.get("Origin", f"{request.scheme}://{request.get_host()}")
        assert isinstance(request.user, User), "the API lets nobody in who is not signed in"
        try:
            ticket = admission.issue_ticket(request.user, origin.rstrip("/"))
        except RedisError:
            raise TicketsUnavailable from None
        answer = {"ticket": ticket, "expires_in_seconds": admission.TICKET_SECONDS}
        return Response(answer, status=201)
