"""Django's SMTP backend, extended to know whether a message may have been sent, and the meaning of
SMTP errors.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

START_MAIL_INPUT = 354  # the reply to DATA: from here on the server may have the message
TEMPORARY = range(400, 500)  # RFC 5321, 4.2.1


class _TracksBody:
    """Tracks whether a message was being transmitted when the connection broke."""

    body_left = False

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()  # type: ignore[misc]
        self.body_left = code == START_MAIL_INPUT
        return code, text


class StartTlsConnection(_TracksBody, smtplib.SMTP):
    """STARTTLS, or no encryption."""


class TlsConnection(_TracksBody, smtplib.SMTP_SSL):
    """TLS from the first byte."""


class Backend(EmailBackend):
    """Django's SMTP backend on connections that track transmission. Named in EMAIL_BACKEND."""

    @property
    def connection_class(self) -> Any:
        return TlsConnection if self.use_ssl else StartTlsConnection

    @property
    def is_in_doubt(self) -> bool:
        """True if the last message was transmitted without a reply: it may have been sent."""
        return bool(getattr(self.connection, "body_left", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpFailure:
    """Why an e-mail was not sent, and what follows.

    reason         a key of `failure_reasons`
    answer         the server's own text
    is_final       a retry would not help
    is_about_mail  False: the failure concerns the server, and so every e-mail
    """

    reason: str
    answer: str
    is_final: bool
    is_about_mail: bool


def failure_of(error: Exception, connection: BaseEmailBackend) -> SmtpFailure:
    """Interpret an error of smtplib, after an attempt to send on this connection.

    A connection of another backend has nothing to be in doubt about.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _of_mail("recipient", code, text)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _of_server("sign_in", f"{error.smtp_code}")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _of_server("sender_refused", _answer(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return _of_server("unreachable", _answer(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_mail("content", error.smtp_code, error.smtp_error)
    is_unencodable = isinstance(error, ValueError) and not isinstance(error, OSError)
    if is_unencodable or "SMTPUTF8" in str(error):
        return SmtpFailure(reason="address", answer="", is_final=True, is_about_mail=True)
    if isinstance(connection, Backend) and connection.is_in_doubt:
        return SmtpFailure(reason="unknown", answer="", is_final=True, is_about_mail=False)
    return _of_server("unreachable", type(error).__name__)


def _of_mail(part: str, code: int, text: bytes | str) -> SmtpFailure:
    is_final = code not in TEMPORARY
    return SmtpFailure(
        reason=f"{part}_refused" if is_final else "later",
        answer=_answer(code, text),
        is_final=is_final,
        is_about_mail=code != 421,  # 421 closes the connection, whatever the command was
    )


def _of_server(reason: str, answer: str) -> SmtpFailure:
    return SmtpFailure(reason=reason, answer=answer, is_final=False, is_about_mail=False)


def _answer(code: int, text: bytes | str) -> str:
    decoded = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join(f"{code} {decoded}".split())
