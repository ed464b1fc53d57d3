"""The table of the audit log. It is append-only; a database trigger rejects other changes."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """Kinds of audited actions."""

    CREATE = "create", _("Created")
    CHANGE = "change", _("Changed")
    DELETE = "delete", _("Deleted")
    EXPORT = "export", _("Exported")
    VIEW_RESUME = "view_resume", _("Read a résumé")
    VIEW_CONTACTS = "see_contacts", _("Viewed contact details")
    ANONYMISE = "anonymise", _("Anonymised")
    MERGE = "merge", _("Merged")
    SIGN_IN = "sign_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_fail", _("Gave a wrong password")


class AuditEntry(models.Model):
    """One action on one or more records of a kind. Contains ids only: no values, no names.

    actor       the user; None for scheduled tasks, commands and anonymous visitors
    source      name of the URL pattern, or of the task, that performed the action
    request_id  shared by all entries of one request and of the tasks it started
    """

    at = models.DateTimeField(_("time"), auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,  # entries keep the id of a deleted account
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("by"),
    )
    action = models.CharField(_("action"), max_length=12, choices=Action.choices)
    label = models.CharField(_("kind of record"), max_length=60)
    ids = ArrayField(models.BigIntegerField(), verbose_name=_("records"), default=list)
    count = models.PositiveIntegerField(_("number of records"), default=1)
    fields = ArrayField(models.CharField(max_length=60), verbose_name=_("fields"), default=list)
    source = models.CharField(_("through"), max_length=120, blank=True)
    request_id = models.CharField(_("request"), max_length=40, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit")
        indexes = [
            GinIndex(fields=["ids"], name="audit_by_record"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.label} × {self.count}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self._refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError("The audit log is append-only.")
