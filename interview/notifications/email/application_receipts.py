"""Application receipts: e-mails that confirm an application and contain the portal link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interview.models import Delivery
from interview.notifications import wakeup
from interview.notifications.email.templates import (
    CANDIDATE_TEMPLATES,
    EmailContent,
    portal_link,
)
from jobs.applications.links import link_renewed
from jobs.applications.receive import application_received
from jobs.models import Application
from jobs.models.submissions import ApplicationLink, submission_of

VALID_FOR = timedelta(days=3)


def connect() -> None:
    application_received.connect(plan_receipt, dispatch_uid="interview.receipts")
    link_renewed.connect(plan_new_link, dispatch_uid="interview.new_links")
    CANDIDATE_TEMPLATES[Delivery.Event.RECEIVED] = receipt_email


def plan_receipt(sender: Any, application: Application, **kwargs: Any) -> None:
    """Send a receipt, at most one per day and version of the application.

    Candidates who apply again may have lost the link; those who had withdrawn learn that their
    application is active again.
    """
    _plan(application, f"{timezone.localdate():%Y%m%d}:{application.version}")


def plan_new_link(sender: Any, application: Application, **kwargs: Any) -> None:
    """Send a new link once."""
    _plan(application, ApplicationLink.objects.get(application=application).key)


def _plan(application: Application, occasion: str) -> None:
    now, submission = timezone.now(), submission_of(application)
    language = submission.language if submission else settings.LANGUAGE_CODE
    message = Delivery(
        channel="email",
        event=Delivery.Event.RECEIVED,
        candidate_id=application.candidate_id,
        facts={"application": application.pk, "language": language},
        priority=Delivery.Priority.CHANGE,
        idempotency_key=f"received:{application.pk}:{occasion}",
        due_at=now,
        expires_at=now + VALID_FOR,
    )
    Delivery.objects.bulk_create([message], ignore_conflicts=True)
    wakeup.request_delivery({message.channel})


def address_of(delivery: Delivery) -> str:
    """The address entered with this application, else the candidate's."""
    application = _application(delivery)
    submission = submission_of(application)
    typed = submission.entries.get("email") if submission else ""
    return str(typed or application.candidate.email)


def receipt_email(delivery: Delivery) -> EmailContent:
    """Uses the name as entered: a known phone number does not prove the applicant's identity."""
    application = _application(delivery)
    submission, job = submission_of(application), application.job
    typed = submission.entries.get("name") if submission else ""
    text = _(
        "{name}, thank you for applying for {job}. You can follow your application on your page."
    )
    city = job.city or job.campaign.city
    received = date_format(timezone.localtime(application.created_at), "DATE_FORMAT")
    facts = [(_("Job"), job.title), (_("City"), city), (_("Received"), received)]
    return EmailContent(
        subject=_("We have received your application: {job}").format(job=job.title),
        text=text.format(name=typed or application.candidate.name, job=job.title),
        facts=[(label, value) for label, value in facts if value],
        link=portal_link(application),
        note=_("Keep this link private: anyone who has it can see and withdraw your application."),
    )


def _application(delivery: Delivery) -> Application:
    read = Application.objects.select_related("candidate", "job__campaign", "submission")
    return read.get(pk=delivery.facts["application"])
