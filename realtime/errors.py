"""What can go wrong with a live stream, and with which code the socket then closes."""

from __future__ import annotations

from realtime.protocol import CloseCode


class RealtimeError(Exception):
    """The live stream failed."""

    close_code = CloseCode.GOING_AWAY

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.__doc__)


class GoingAway(RealtimeError):
    """This process is stopping."""


class SlowReader(RealtimeError):
    """The browser reads more slowly than the board changes."""

    close_code = CloseCode.SLOW_READER


class PositionLost(RealtimeError):
    """The log no longer reaches back to the reader's position."""

    close_code = CloseCode.POSITION_LOST


class BrokenProtocol(RealtimeError):
    """The client sent what the protocol does not know."""

    close_code = CloseCode.BROKEN_PROTOCOL


class TooMuch(RealtimeError):
    """The client sends more than one socket may."""

    close_code = CloseCode.TOO_MUCH


class SignedOut(RealtimeError):
    """The session is over, or never was."""

    close_code = CloseCode.SIGNED_OUT


class NotAllowed(RealtimeError):
    """This person may not follow this topic."""

    close_code = CloseCode.NOT_ALLOWED
