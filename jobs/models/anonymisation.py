"""The record of the candidates due to be anonymised. It holds ids only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class AnonymisationList(models.Model):
    """The candidates due at one time, and when they were announced and anonymised."""

    at = models.DateTimeField(_("time"))
    cutoff = models.DateTimeField(_("nothing happened since"))
    candidates = ArrayField(models.BigIntegerField(), verbose_name=_("candidates"), default=list)
    count = models.PositiveIntegerField(_("number of candidates"), default=0)
    announced_at = models.DateTimeField(_("announced at"), null=True)
    carried_out_at = models.DateTimeField(_("carried out at"), null=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("list of candidates to anonymise")
        verbose_name_plural = _("lists of candidates to anonymise")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.count}"
