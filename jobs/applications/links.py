"""The private links to applicants' pages: created when first needed, renewed or closed by staff.

The pages themselves are in `interview.candidate_portal`.
"""

from __future__ import annotations

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from jobs.models import Application
from jobs.models.submissions import ApplicationLink
from jobs.signed_links import new_key

link_renewed = Signal()
"""Sent with `application`, in the transaction that renews its link."""


def link_of(application: Application) -> ApplicationLink | None:
    """Returns the application's link for e-mails, creating it if needed; None if it is closed."""
    link, _created = ApplicationLink.objects.get_or_create(application=application)
    return None if link.closed_at else link


def application_for_token(token: str) -> Application | None:
    """Returns the application for a token, or None if the token is forged, replaced or closed."""
    key = ApplicationLink.key_from_token(token)
    if key is None:
        return None
    open_links = ApplicationLink.objects.filter(key=key, closed_at=None)
    found = Application.objects.filter(
        link__in=open_links, candidate__anonymised_at=None
    ).select_related("candidate", "job__campaign", "submission", "link", "resume")
    return found.first()


@transaction.atomic
def link_renew(*, application: Application) -> ApplicationLink:
    """Replaces the link. The old address stops working; the applicant is sent the new one."""
    link, _created = ApplicationLink.objects.update_or_create(
        application=application,
        defaults={"key": new_key(), "closed_at": None, "made_at": timezone.now()},
    )
    link_renewed.send(sender=Application, application=application)
    return link


@transaction.atomic
def link_close(*, application: Application) -> None:
    """Closes the private page. E-mails leave the link out until it is renewed."""
    ApplicationLink.objects.update_or_create(
        application=application, defaults={"closed_at": timezone.now()}
    )
