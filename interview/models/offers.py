"""Times that a candidate may choose from."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from interview.models.interviews import Interview


class OfferedTime(models.Model):
    """Another start that an interview may have, in its room and as long as it is. Holds no room:
    whether it still is free is looked at when it is shown, and when it is chosen.
    """

    interview = models.ForeignKey(
        Interview, models.CASCADE, related_name="offered_times", verbose_name=_("interview")
    )
    starts_at = models.DateTimeField(_("starts at"))

    class Meta:
        ordering = ["starts_at"]
        verbose_name = _("offered time")
        verbose_name_plural = _("offered times")
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "starts_at"], name="a_time_is_offered_once"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
