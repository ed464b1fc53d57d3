"""Calendar subscriptions (iCalendar feeds)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.signed_links import SignedLink
from jobs.signed_links import new_key as new_key  # 0001_initial imports it from here


class CalendarFeed(SignedLink):
    """The secret link to one person's iCalendar feed. A new key invalidates the old link."""

    salt = "interview.calendar"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="calendar_feed",
        verbose_name=_("user"),
    )
    renewed_at = models.DateTimeField(_("renewed at"), default=timezone.now)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user)
