"""Errors of a live stream. Each one determines the code with which its socket is closed."""

from __future__ import annotations

from realtime.protocol.close_codes import CloseCode

REFUSAL_REASONS = (
    "origin",
    "signed_out",
    "not_allowed",
    "too_many",
    "going_away",
    "no_hello",
    "failure",
)
"""The values of the label `reason` of the metric that counts refused sockets."""


class RealtimeError(Exception):
    """The live stream failed."""

    close_code = CloseCode.GOING_AWAY
    refusal_reason = "failure"  # of REFUSAL_REASONS; used if the socket was never accepted

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.__doc__)


class GoingAway(RealtimeError):
    """This process is shutting down."""

    refusal_reason = "going_away"


class SlowReader(RealtimeError):
    """The client reads more slowly than the topic changes."""

    close_code = CloseCode.SLOW_READER


class PositionLost(RealtimeError):
    """The log no longer reaches back to the client's position."""

    close_code = CloseCode.POSITION_LOST


class BrokenProtocol(RealtimeError):
    """The client sent a frame that the protocol does not allow."""

    close_code = CloseCode.BROKEN_PROTOCOL
    refusal_reason = "no_hello"


class LimitExceeded(RealtimeError):
    """The client sent too many messages or opened too many sockets."""

    close_code = CloseCode.LIMIT_EXCEEDED
    refusal_reason = "too_many"


class SignedOut(RealtimeError):
    """The user is not signed in, or their session has ended."""

    close_code = CloseCode.SIGNED_OUT
    refusal_reason = "signed_out"


class HelloTimeout(SignedOut):
    """The client did not identify its user in time."""

    refusal_reason = "no_hello"


class NotAllowed(RealtimeError):
    """The user may not watch this topic."""

    close_code = CloseCode.NOT_ALLOWED
    refusal_reason = "not_allowed"


class UntrustedOrigin(NotAllowed):
    """A page of an untrusted origin opened the socket."""

    refusal_reason = "origin"
