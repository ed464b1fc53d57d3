"""Parts of an online application: form answers, résumé, private link."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.signed_links import SignedLink

if TYPE_CHECKING:
    from jobs.models.applications import Application


def private_storage() -> Storage:
    return storages["private"]


def unguessable_path(resume: Resume | PendingApplication, file_name: str) -> str:
    """Returns a random path; the applicant's file name may hold personal data."""
    name = uuid.uuid4().hex
    return f"resumes/{name[:2]}/{name}"


class Submission(models.Model):
    """The form answers of an online application, and the consent to store them.

    They never overwrite an existing candidate: anybody could submit the form with a mobile number
    that they know.
    """

    application = models.OneToOneField(
        "jobs.Application", models.CASCADE, related_name="submission", verbose_name=_("application")
    )
    entries = models.JSONField(_("entries"), default=dict)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    consent_version = models.CharField(_("version of the consent"), max_length=20)
    consented_at = models.DateTimeField(_("consented at"))

    class Meta:
        verbose_name = _("online application")
        verbose_name_plural = _("online applications")

    def __str__(self) -> str:
        return f"#{self.pk}"


class PendingApplication(SignedLink):
    """An online application whose e-mail address the applicant has not confirmed yet.

    It belongs to no candidate and is in no list: anybody could send the form with the address or
    the number of another person. Confirming turns it into an Application and empties it.
    """

    salt = "jobs.pending_application"

    job = models.ForeignKey(
        "jobs.Job", models.CASCADE, related_name="pending", verbose_name=_("job")
    )
    email = models.EmailField(_("e-mail"), db_index=True)
    entries = models.JSONField(_("entries"), default=dict)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    consent_version = models.CharField(_("version of the consent"), max_length=20)
    consented_at = models.DateTimeField(_("consented at"))
    resume = models.FileField(
        _("résumé"), storage=private_storage, upload_to=unguessable_path, max_length=100, blank=True
    )
    resume_kind = models.CharField(_("kind"), max_length=4, blank=True)
    resume_size = models.PositiveIntegerField(_("size in bytes"), default=0)
    application = models.ForeignKey(
        "jobs.Application",
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("application"),
    )
    created_at = models.DateTimeField(_("received at"), auto_now_add=True)

    class Meta:
        verbose_name = _("application to be confirmed")
        verbose_name_plural = _("applications to be confirmed")

    def __str__(self) -> str:
        return f"#{self.pk}"


class Resume(models.Model):
    """The résumé file of an application. Only `interview.views.resume` serves it."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word (.docx)"
        DOC = "doc", "Word (.doc)"

    application = models.OneToOneField(
        "jobs.Application", models.CASCADE, related_name="resume", verbose_name=_("application")
    )
    file = models.FileField(
        _("file"), storage=private_storage, upload_to=unguessable_path, max_length=100
    )
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    size = models.PositiveIntegerField(_("size in bytes"))
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("résumé")
        verbose_name_plural = _("résumés")

    def __str__(self) -> str:
        return f"#{self.pk}"


class ApplicationLink(SignedLink):
    """The private link to an applicant's page. A renewed or closed link stops working."""

    salt = "jobs.application"

    application = models.OneToOneField(
        "jobs.Application", models.CASCADE, related_name="link", verbose_name=_("application")
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("link of an applicant")
        verbose_name_plural = _("links of applicants")

    def __str__(self) -> str:
        return f"#{self.pk}"


def submission_of(application: Application) -> Submission | None:
    """Returns the form answers, or None if the application was not made online."""
    found: Any = getattr(application, "submission", None)
    return found if isinstance(found, Submission) else None


def has_resume(application: Application) -> bool:
    return isinstance(getattr(application, "resume", None), Resume)
