"""Preferences of the people who sign in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonalSettings(models.Model):
    """Settings of a user: the language of screens and messages, and the mobile number."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="personal_settings",
        verbose_name=_("user"),
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="zh-hans"
    )
    mobile = models.CharField(
        _("mobile number"),
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text=_("E.164, such as +8618100009999. Coordinators see it."),
    )

    class Meta:
        verbose_name = _("personal settings")
        verbose_name_plural = _("personal settings")

    def __str__(self) -> str:
        return str(self.user)
