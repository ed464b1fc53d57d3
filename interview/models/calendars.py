"""Private calendars that other programs read."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    return secrets.token_urlsafe(16)


class CalendarFeed(models.Model):
    """The door to one person's calendar.

    The table keeps a name for the door, the address holds that name signed: a copy of the table
    opens nothing, yet the address can be shown again. Another name closes the old door.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="calendar_feed",
        verbose_name=_("user"),
    )
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    renewed_at = models.DateTimeField(_("renewed at"), default=timezone.now)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user)

    @property
    def token(self) -> str:
        return _signer().sign(self.key)

    @classmethod
    def key_of(cls, token: str) -> str | None:
        """The door's name, or None for a token that we have not made."""
        try:
            return _signer().unsign(token)
        except BadSignature:
            return None


def _signer() -> Signer:
    return Signer(salt="interview.calendar", sep=".")
