"""Private addresses that need no sign-in: whoever knows one is let in."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.core.signing import BadSignature, Signer
from django.db import models


def new_key() -> str:
    return secrets.token_urlsafe(16)


class SignedLink(models.Model):
    """A door that a token opens.

    The table keeps a name for the door, the address holds that name signed: a copy of the table
    opens nothing, yet the address can be shown again. Another name closes the old door.
    """

    salt: ClassVar[str]
    """Keeps the tokens of one kind of door from opening another."""

    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)

    class Meta:
        abstract = True

    @property
    def token(self) -> str:
        return _signer(self.salt).sign(self.key)

    @classmethod
    def key_from_token(cls, token: str) -> str | None:
        """The door's name, or None for a token that we have not made."""
        try:
            return _signer(cls.salt).unsign(token)
        except BadSignature:
            return None


def _signer(salt: str) -> Signer:
    return Signer(salt=salt, sep=".")
