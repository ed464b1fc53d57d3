"""Handing a mail to an SMTP server, and what its answer means."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

BODY_MAY_FOLLOW = 354  # the server's answer to DATA: from here on it may have the message
TRY_LATER = range(400, 500)  # RFC 5321, 4.2.1


class _KnowsWhatLeft:
    """An SMTP connection that remembers whether a message was on its way when it broke."""

    body_left = False

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()  # type: ignore[misc]
        self.body_left = code == BODY_MAY_FOLLOW
        return code, text


class Plain(_KnowsWhatLeft, smtplib.SMTP):
    """By STARTTLS, or without encryption."""


class Encrypted(_KnowsWhatLeft, smtplib.SMTP_SSL):
    """By TLS from the first byte."""


class Backend(EmailBackend):
    """Django's own, on connections that know what left."""

    @property
    def connection_class(self) -> Any:
        return Encrypted if self.use_ssl else Plain

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last message was handed over without an answer."""
        return bool(getattr(self.connection, "body_left", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a failure means.

    reason         a code of `interview.notifications.failure_reasons`
    answer         the server's own words
    is_final       trying again would not help
    is_about_mail  it concerns this mail only; otherwise the server, and thus every mail
    """

    reason: str
    answer: str
    is_final: bool
    is_about_mail: bool


def verdict_of(error: Exception, *, is_in_doubt: bool) -> Verdict:
    """What an error of smtplib means for the mail that raised it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _answered("recipient", code, text)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _of_server("sign_in", f"{error.smtp_code}")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _of_server("sender_refused", _said(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return _of_server("unreachable", _said(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered("content", error.smtp_code, error.smtp_error)
    is_unwritable = isinstance(error, ValueError) and not isinstance(error, OSError)
    if is_unwritable or "SMTPUTF8" in str(error):
        return Verdict(reason="address", answer="", is_final=True, is_about_mail=True)
    if is_in_doubt:
        return Verdict(reason="unknown", answer="", is_final=True, is_about_mail=False)
    return _of_server("unreachable", type(error).__name__)


def _answered(what: str, code: int, text: bytes | str) -> Verdict:
    is_final = code not in TRY_LATER
    return Verdict(
        reason=f"{what}_refused" if is_final else "later",
        answer=_said(code, text),
        is_final=is_final,
        is_about_mail=code != 421,  # the server closes, whatever it was asked
    )


def _of_server(reason: str, answer: str) -> Verdict:
    return Verdict(reason=reason, answer=answer, is_final=False, is_about_mail=False)


def _said(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join(f"{code} {words}".split())
