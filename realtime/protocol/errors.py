"""What can go wrong with a live stream, and with which code the socket then closes."""

from __future__ import annotations

from realtime.protocol.server_frames import CloseCode

REFUSALS = (
    "origin",
    "signed_out",
    "not_allowed",
    "too_many",
    "going_away",
    "no_hello",
    "failure",
)


class RealtimeError(Exception):
    """The live stream failed."""

    close_code = CloseCode.GOING_AWAY
    refusal = "failure"  # why it was not let in, for whom it meets at the door; of REFUSALS

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.__doc__)


class GoingAway(RealtimeError):
    """This process is stopping."""

    refusal = "going_away"


class SlowReader(RealtimeError):
    """The browser reads more slowly than the board changes."""

    close_code = CloseCode.SLOW_READER


class PositionLost(RealtimeError):
    """The log no longer reaches back to the reader's position."""

    close_code = CloseCode.POSITION_LOST


class BrokenProtocol(RealtimeError):
    """The client sent what the protocol does not know."""

    close_code = CloseCode.BROKEN_PROTOCOL
    refusal = "no_hello"


class TooMuch(RealtimeError):
    """The client sends more than one socket may."""

    close_code = CloseCode.TOO_MUCH
    refusal = "too_many"


class SignedOut(RealtimeError):
    """The session is over, or never was."""

    close_code = CloseCode.SIGNED_OUT
    refusal = "signed_out"


class NoHello(SignedOut):
    """Nobody has said in time who he is."""

    refusal = "no_hello"


class NotAllowed(RealtimeError):
    """This person may not follow this topic."""

    close_code = CloseCode.NOT_ALLOWED
    refusal = "not_allowed"


class ForeignOrigin(NotAllowed):
    """A page of another site opened this socket."""

    refusal = "origin"
