"""Personal tokens for the API."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST_LIFE = timedelta(days=365)


class ApiToken(models.Model):
    """A user's token for the API. Only a digest is stored, never the key itself.

    expires_at is empty on tokens that an earlier version created during an update.
    """

    class Scope(models.TextChoices):
        """Each scope includes the ones before it. None exceeds the permissions of the user."""

        READ = "read", pgettext_lazy("scope", "Read")
        WRITE = "write", pgettext_lazy("scope", "Read and change")
        OPERATIONS = "operations", pgettext_lazy("scope", "Read, change and operations")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(
        _("name"), max_length=60, validators=[ProhibitNullCharactersValidator()]
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key.")
    scope = models.CharField(
        _("scope"), max_length=12, choices=Scope.choices, db_default=Scope.OPERATIONS
    )
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name

    @property
    def ends_at(self) -> datetime:
        """The time from which the token is refused."""
        return self.expires_at or self.made_at + LONGEST_LIFE

    @property
    def is_expired(self) -> bool:
        return self.ends_at <= timezone.now()
