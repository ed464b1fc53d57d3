"""Signed private links (capability URLs): anyone who has the address gets in, without signing in.

`ApplicationLink` and the calendar feeds build on `SignedLink`.
"""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.core.signing import BadSignature, Signer
from django.db import models


def new_key() -> str:
    """Returns a random key of 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


class SignedLink(models.Model):
    """A link whose address carries a signed token.

    The table stores only the key; the token is the key with a signature. A leaked copy of the table
    therefore opens nothing, and the address can still be shown again. A new key revokes the old
    address.
    """

    salt: ClassVar[str]
    """The signing salt: a token for one kind of link is not valid for another."""

    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)

    class Meta:
        abstract = True

    @property
    def token(self) -> str:
        return _signer(self.salt).sign(self.key)

    @classmethod
    def key_from_token(cls, token: str) -> str | None:
        """Returns the key in the token, or None if the signature is not valid."""
        try:
            return _signer(cls.salt).unsign(token)
        except BadSignature:
            return None


def _signer(salt: str) -> Signer:
    return Signer(salt=salt, sep=".")
