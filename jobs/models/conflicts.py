"""Contact conflicts: two candidate records with the same mobile number or e-mail address."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models.access import may_see_everything
from jobs.models.campaigns import Campaign
from jobs.models.candidates import Candidate


class ContactConflictQuerySet(models.QuerySet["ContactConflict"]):
    def visible_to(self, user: Any) -> Self:
        """Returns the conflicts whose known record this person may see.

        People who see only the newer record do not learn that another campaign knows the person.
        The newer one is shown with it if a campaign created it with this contact, and so asks for
        the known person; an older record only to those who see it anyway.
        """
        if may_see_everything(user):
            return self
        seen = Candidate.objects.visible_to(user).values("pk")
        return self.filter(Q(campaign__isnull=False) | Q(record__in=seen), known__in=seen)

    def decidable_by(self, user: Any) -> Self:
        """Returns the conflicts that this person decides: they may change the known record.

        And the newer one too, unless a campaign created it to ask for the known person.
        """
        if may_see_everything(user):
            return self
        own = Candidate.objects.entirely_coordinated_by(user).values("pk")
        return self.filter(Q(campaign__isnull=False) | Q(record__in=own), known__in=own)

    def undecided(self) -> Self:
        return self.filter(kept_apart_at=None)


class ContactConflict(models.Model):
    """A record kept apart from a known one with the same contact, until a coordinator decides.

    An import by people who may not change the known candidate, or an application with another
    person's number, creates `record` with the fields of the file or form only, for `campaign`. It
    is None if an older record got the contact. Merging both deletes the conflict; keeping both
    sets `kept_apart_at`.
    """

    record = models.ForeignKey(
        Candidate, models.CASCADE, related_name="conflicts", verbose_name=_("newer record")
    )
    known = models.ForeignKey(
        Candidate, models.CASCADE, related_name="claims", verbose_name=_("known record")
    )
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, null=True, related_name="+", verbose_name=_("campaign")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("time"), auto_now_add=True)
    kept_apart_at = models.DateTimeField(_("kept apart at"), null=True)
    kept_apart_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("kept apart by"),
    )

    objects = ContactConflictQuerySet.as_manager()

    class Meta:
        app_label = "jobs"
        ordering = ["-created_at", "-pk"]
        verbose_name = _("contact conflict")
        verbose_name_plural = _("contact conflicts")
        constraints = [
            models.UniqueConstraint(fields=["record", "known"], name="one_conflict_per_pair")
        ]

    def __str__(self) -> str:
        return f"#{self.record_id} – #{self.known_id}"
