"""Alternative times that are offered to candidates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from interview.models.interviews import Interview


class OfferedTime(models.Model):
    """An alternative start of an interview, in the same room and with the same length.

    It does not reserve the room: availability is checked when the time is shown and again when the
    candidate selects it.
    """

    interview = models.ForeignKey(
        Interview, models.CASCADE, related_name="offered_times", verbose_name=_("interview")
    )
    starts_at = models.DateTimeField(_("starts at"))
    confirmed = models.JSONField(
        default=list,
        db_default=[],
        editable=False,
        help_text="Conflicts that the coordinator confirmed: pairs of kind and owner's id.",
    )

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
