"""The doors to applicants' own pages: made when first needed, renewed or closed by people."""

from __future__ import annotations

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from jobs.applications.models import ApplicationLink
from jobs.models import Application
from jobs.signed_links import new_key

link_renewed = Signal()
"""Sent with `application`, in the transaction that renews its link."""


def link_of(application: Application) -> ApplicationLink | None:
    """The link that mails may tell of; None where somebody has closed it."""
    link, _made = ApplicationLink.objects.get_or_create(application=application)
    return None if link.closed_at else link


def application_for_token(token: str) -> Application | None:
    """Whose page this token opens; None for a forged, an old or a closed one."""
    key = ApplicationLink.key_from_token(token)
    if key is None:
        return None
    open_links = ApplicationLink.objects.filter(key=key, closed_at=None)
    found = Application.objects.filter(
        link__in=open_links, candidate__anonymised_at=None
    ).select_related("candidate", "job__campaign", "submission", "link")
    return found.first()


@transaction.atomic
def link_renew(*, application: Application) -> ApplicationLink:
    """Another link takes the place of the one there was, which opens nothing from now on; its
    applicant is sent the new one.
    """
    link, _made = ApplicationLink.objects.update_or_create(
        application=application,
        defaults={"key": new_key(), "closed_at": None, "made_at": timezone.now()},
    )
    link_renewed.send(sender=Application, application=application)
    return link


@transaction.atomic
def link_close(*, application: Application) -> None:
    """The page is nobody's any more, and no mail tells of it until the link is renewed."""
    ApplicationLink.objects.update_or_create(
        application=application, defaults={"closed_at": timezone.now()}
    )
