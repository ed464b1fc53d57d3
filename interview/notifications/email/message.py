"""Builds the e-mail of a delivery: plain text, HTML, and a calendar part for events with one."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from interview.models import Delivery
from interview.notifications.email import account_notices
from interview.notifications.email.addresses import address_of
from interview.notifications.email.calendar_invite import calendar_of, method_of
from interview.notifications.email.templates import EmailContent, content_of
from interview.notifications.texts import language_of
from jobs.candidates.contacts import InvalidContact, deliverable_email, normalize_text
from jobs.models.submissions import submission_of

MAX_SUBJECT = 150  # characters


class NoAddress(Exception):
    """The recipient has no usable address. The argument is a code of `failure_reasons`."""


def build_email(delivery: Delivery) -> EmailMultiAlternatives:
    """The e-mail of a delivery that was read with its recipient and its interview.

    In the recipient's language and time zone. Raises NoAddress.
    """
    address = address_of(delivery)
    if not address:
        raise NoAddress("no_address")
    try:
        address = deliverable_email(address)
    except InvalidContact:
        raise NoAddress("address") from None
    language, zone = _language(delivery), _zone(delivery)
    with translation.override(language), timezone.override(zone):
        content = content_of(delivery)
        email = EmailMultiAlternatives(
            subject=_one_line(content.subject),
            body=_rendered("text.txt", delivery, content),
            to=[address],
            headers=_headers(delivery),
        )
        email.attach_alternative(_rendered("page.html", delivery, content), "text/html")
        if method := method_of(delivery):
            calendar = calendar_of(delivery, content, address).to_ical().decode()
            email.attach_alternative(calendar, f"text/calendar; method={method}")
    return email


def _language(delivery: Delivery) -> str:
    """Candidates are addressed in the language of their application form."""
    if delivery.person:
        return language_of(delivery.person)
    if delivery.interview and (submission := submission_of(delivery.interview.application)):
        return submission.language
    return str(delivery.facts.get("language", settings.LANGUAGE_CODE))


def _zone(delivery: Delivery) -> ZoneInfo:
    campaign = delivery.interview.campaign.time_zone if delivery.interview else settings.TIME_ZONE
    preferences = getattr(delivery.person, "notice_settings", None)
    return preferences.zone(campaign) if preferences else ZoneInfo(campaign)


def _one_line(text: str) -> str:
    """Names may contain line breaks, which would end the header."""
    return " ".join(normalize_text(text).split())[:MAX_SUBJECT]


def message_id_of(delivery: Delivery) -> str:
    """The same on every attempt, so that the receiver can detect duplicates."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<delivery-{delivery.pk}-{delivery.created_at:%Y%m%d%H%M%S}@{domain}>"


def _headers(delivery: Delivery) -> dict[str, str]:
    headers = {
        "Message-ID": message_id_of(delivery),
        "Auto-Submitted": "auto-generated",  # RFC 3834: prevents automatic replies
    }
    if _is_optional(delivery):
        headers["List-Unsubscribe"] = f"<{settings.SITE_URL}{reverse('personal_settings')}>"
    return headers


def _is_optional(delivery: Delivery) -> bool:
    """Whether the recipient can choose in their settings to get such e-mails."""
    return delivery.person_id is not None and delivery.event not in account_notices.EVENTS


def _rendered(name: str, delivery: Delivery, content: EmailContent) -> str:
    context: dict[str, Any] = {
        "content": content,
        "language": translation.get_language(),
        "settings_url": settings.SITE_URL + reverse("personal_settings"),
        "is_for_person": _is_optional(delivery),
    }
    return render_to_string(f"interview/mail/{name}", context)
