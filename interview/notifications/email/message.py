"""A message as an e-mail: plain text, HTML, and where it concerns a calendar, its entry."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from interview.models import Delivery
from interview.notifications import application_receipts
from interview.notifications.email.calendar_invite import calendar_of, method_of
from interview.notifications.email.templates import Letter, letter_of
from interview.notifications.in_app import language_of
from jobs.applications.models import submission_of
from jobs.candidates.contacts import normalize_text

SUBJECT_LETTERS = 150


class NoAddress(Exception):
    """The recipient has no usable address. The argument is a code of `failure_reasons`."""


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail of a message that was read with its recipient and its interview.

    Raises NoAddress.
    """
    address = address_of(delivery)
    if not address:
        raise NoAddress("no_address")
    try:
        validate_email(address)
    except ValidationError:
        raise NoAddress("address") from None
    language, zone = _language(delivery), _zone(delivery)
    with translation.override(language), timezone.override(zone):
        letter = letter_of(delivery)
        email = EmailMultiAlternatives(
            subject=_one_line(letter.subject),
            body=_rendered("text.txt", delivery, letter),
            to=[address],
            headers=_headers(delivery),
        )
        email.attach_alternative(_rendered("page.html", delivery, letter), "text/html")
        if method := method_of(delivery):
            entry = calendar_of(delivery, letter, address).to_ical().decode()
            email.attach_alternative(entry, f"text/calendar; method={method}")
    return email


def address_of(delivery: Delivery) -> str:
    """Where to, as of now: an account that was closed has no address any more."""
    if delivery.event == Delivery.Event.RECEIVED:
        return application_receipts.address_of(delivery)
    if delivery.candidate is not None:
        return str(delivery.candidate.email)
    person = delivery.person
    return str(person.email) if person is not None and person.is_active else ""


def _language(delivery: Delivery) -> str:
    """A candidate is written to in the language he applied in."""
    if delivery.person:
        return language_of(delivery.person)
    if delivery.interview and (submission := submission_of(delivery.interview.application)):
        return submission.language
    return str(delivery.facts.get("language", settings.LANGUAGE_CODE))


def _zone(delivery: Delivery) -> ZoneInfo:
    of_place = delivery.interview.campaign.time_zone if delivery.interview else settings.TIME_ZONE
    chosen = getattr(delivery.person, "notice_settings", None)
    return chosen.zone(of_place) if chosen else ZoneInfo(of_place)


def _one_line(text: str) -> str:
    """A name may hold anything; a header holds one line."""
    return " ".join(normalize_text(text).split())[:SUBJECT_LETTERS]


def _headers(delivery: Delivery) -> dict[str, str]:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {
        # The same when it is sent again, so that the other side can tell.
        "Message-ID": f"<delivery-{delivery.pk}-{delivery.created_at:%Y%m%d%H%M%S}@{domain}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies, please
    }
    if delivery.person_id is not None:
        headers["List-Unsubscribe"] = f"<{settings.SITE_URL}{reverse('personal_settings')}>"
    return headers


def _rendered(name: str, delivery: Delivery, letter: Letter) -> str:
    context: dict[str, Any] = {
        "letter": letter,
        "language": translation.get_language(),
        "settings_url": settings.SITE_URL + reverse("personal_settings"),
        "is_for_person": delivery.person_id is not None,
    }
    return render_to_string(f"interview/mail/{name}", context)
