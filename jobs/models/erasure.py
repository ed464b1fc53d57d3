"""Requests of candidates to have their data erased."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.applications import Application
from jobs.models.candidates import Candidate


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    def open(self) -> Self:
        return self.filter(state=ErasureRequest.State.OPEN)

    def confirmed(self) -> Self:
        """Returns the requests from pages whose address is the candidate's own."""
        return self.exclude(email="").filter(email__iexact=F("candidate__email"))

    def visible_to(self, user: Any) -> Self:
        """Returns the requests of the candidates that this person may see."""
        return self.filter(candidate__in=Candidate.objects.visible_to(user).values("pk"))


class ErasureRequest(models.Model):
    """A request from the private page of an application. A coordinator carries it out.

    `email` is the confirmed address that has the link to this page. Another one than the
    candidate's gives no rights over the candidate.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ERASED = "erased", _("Carried out")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Taken back")

    candidate = models.ForeignKey(
        Candidate, models.CASCADE, related_name="erasure_requests", verbose_name=_("candidate")
    )
    application = models.ForeignKey(
        Application,
        models.SET_NULL,
        null=True,
        related_name="erasure_requests",
        verbose_name=_("application"),
        help_text=_("The application from whose page the request came."),
    )
    email = models.EmailField(
        _("e-mail"), blank=True, default="", db_default="", help_text=_("Whose page it came from.")
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    answer = models.CharField(
        _("answer"), max_length=300, blank=True, help_text=_("The candidate reads it.")
    )

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"],
                condition=Q(state="open"),
                name="one_open_erasure_request_per_candidate",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def other_email(self) -> str:
        """Returns the address of the page if it is not the candidate's own; "" if it is."""
        return "" if self.email.lower() == self.candidate.email.lower() else self.email
