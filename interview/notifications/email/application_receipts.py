"""E-mails to applicants: the link that confirms their address, and the receipt.

They contain no text that a visitor has entered: the form can be sent with anybody's address, and
would otherwise write to that person in our name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interview.models import Delivery
from interview.notifications import wakeup
from interview.notifications.email.templates import (
    CANDIDATE_TEMPLATES,
    TEMPLATES,
    EmailContent,
    portal_link,
)
from jobs.applications.confirm import CONFIRM_WITHIN, application_received
from jobs.applications.links import link_renewed
from jobs.applications.receive import application_submitted
from jobs.models import Application, Job, PendingApplication
from jobs.models.submissions import ApplicationLink, submission_of

VALID_FOR = timedelta(days=3)
MAILS_PER_ADDRESS_AND_DAY = 5  # for confirmation; nobody can flood the mailbox of another person


def connect() -> None:
    application_submitted.connect(plan_confirmation, dispatch_uid="interview.confirmations")
    application_received.connect(plan_receipt, dispatch_uid="interview.receipts")
    link_renewed.connect(plan_new_link, dispatch_uid="interview.new_links")
    CANDIDATE_TEMPLATES[Delivery.Event.RECEIVED] = receipt_email
    TEMPLATES[Delivery.Event.CONFIRM] = confirmation_email


def plan_confirmation(sender: Any, pending: PendingApplication, **kwargs: Any) -> None:
    """Send the link that confirms the address, a few times a day at most."""
    now = timezone.now()
    today = PendingApplication.objects.filter(
        email=pending.email, created_at__gt=now - timedelta(days=1)
    )
    if today.count() > MAILS_PER_ADDRESS_AND_DAY:
        return
    Delivery.objects.create(
        channel="email",
        event=Delivery.Event.CONFIRM,
        applicant=pending,
        facts={"language": pending.language},
        priority=Delivery.Priority.CHANGE,
        idempotency_key=f"confirm:{pending.pk}",
        due_at=now,
        expires_at=now + CONFIRM_WITHIN,
    )
    wakeup.request_delivery({"email"})


def plan_receipt(sender: Any, application: Application, **facts: Any) -> None:
    """Send a receipt, at most one per day and version of the application.

    Candidates who apply again may have lost the link; those who had withdrawn learn that their
    application is active again.
    """
    occasion = f"{timezone.localdate():%Y%m%d}:{application.version}"
    _plan(application, occasion, has_newer_resume=bool(facts.get("has_newer_resume")))


def plan_new_link(sender: Any, application: Application, **kwargs: Any) -> None:
    """Send a new link once."""
    _plan(application, ApplicationLink.objects.get(application=application).key)


def _plan(application: Application, occasion: str, **facts: Any) -> None:
    now, submission = timezone.now(), submission_of(application)
    language = submission.language if submission else settings.LANGUAGE_CODE
    message = Delivery(
        channel="email",
        event=Delivery.Event.RECEIVED,
        candidate_id=application.candidate_id,
        facts={"application": application.pk, "language": language, **facts},
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


def confirmation_email(delivery: Delivery) -> EmailContent:
    pending = delivery.applicant
    assert pending is not None, "the event belongs to an application"
    address = reverse("confirm_application", args=[pending.token])
    text = _(
        "Somebody applied for {job} with this e-mail address. If it was you, confirm it: your"
        " application counts from then on."
    )
    return EmailContent(
        subject=_("Confirm your application: {job}").format(job=pending.job.title),
        text=text.format(job=pending.job.title),
        facts=_facts(pending.job, pending.created_at),
        link=(_("Confirm my application"), settings.SITE_URL + address),
        note=_(
            "The link is valid for {days} days. If you did not apply, ignore this e-mail: nobody"
            " sees the application, and it is deleted."
        ).format(days=CONFIRM_WITHIN.days),
    )


def receipt_email(delivery: Delivery) -> EmailContent:
    application = _application(delivery)
    job = application.job
    text = _("Thank you for applying for {job}. You can follow your application on your page.")
    if delivery.facts.get("has_newer_resume"):
        text = _("Your newer résumé for {job} has replaced the earlier one.")
    return EmailContent(
        subject=_("We have received your application: {job}").format(job=job.title),
        text=text.format(job=job.title),
        facts=_facts(job, application.created_at),
        link=portal_link(application),
        note=_("Keep this link private: anyone who has it can see and withdraw your application."),
    )


def _facts(job: Job, received_at: datetime) -> list[tuple[str, str]]:
    received = date_format(timezone.localtime(received_at), "DATE_FORMAT")
    facts = [
        (_("Job"), job.title),
        (_("City"), job.city or job.campaign.city),
        (_("Received"), received),
    ]
    return [(label, value) for label, value in facts if value]


def _application(delivery: Delivery) -> Application:
    read = Application.objects.select_related("candidate", "job__campaign", "submission")
    return read.get(pk=delivery.facts["application"])
