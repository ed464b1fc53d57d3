"""E-mails to coordinators about personal data: who will be anonymised, and requests for erasure.

They name nobody; the names are behind the link.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interview.models import Delivery
from interview.notifications.email.templates import TEMPLATES, EmailContent
from interview.notifications.planning import notify
from interview.notifications.requests import kind_of, occasion_of
from jobs.models import AnonymisationList, ErasureRequest
from jobs.privacy.anonymisation import anonymisation_announced
from jobs.privacy.due import people_due
from jobs.privacy.erasure_requests import DAYS_TO_ANSWER, coordinators_of, erasure_requested

DUE, REQUESTED = "due", "requested"


def connect() -> None:
    anonymisation_announced.connect(_tell_of_list, dispatch_uid="interview.privacy_list")
    erasure_requested.connect(_tell_of_request, dispatch_uid="interview.privacy_request")
    TEMPLATES[Delivery.Event.PRIVACY] = privacy_email


def _tell_of_list(sender: Any, listed: AnonymisationList, **kwargs: Any) -> None:
    if listed.candidates:
        _notify(coordinators_of(listed.candidates), occasion_of(DUE, listed.at))


def _tell_of_request(sender: Any, request: ErasureRequest, **kwargs: Any) -> None:
    _notify(coordinators_of([request.candidate_id]), f"{REQUESTED}@{request.pk}")


def _notify(people: list[int], occasion: str) -> None:
    notify(Delivery.Event.PRIVACY, None, people, in_app=False, occasion=occasion)


def privacy_email(delivery: Delivery) -> EmailContent:
    """Counts at sending time, and only the people whom the recipient may see."""
    is_list = kind_of(delivery.facts["occasion"]) == DUE
    subject, text = _list_texts(delivery.person) if is_list else _request_texts(delivery.person)
    page = settings.SITE_URL + reverse("privacy")
    return EmailContent(subject=subject, text=text, link=(_("Open the page"), page))


def _list_texts(person: User | None) -> tuple[str, str]:
    number = people_due(person).count()
    subject = ngettext(
        "%d candidate will be anonymised tonight",
        "%d candidates will be anonymised tonight",
        number,
    )
    text = _(
        "Their applications ended long ago, and the time for which they agreed to be kept is over. "
        "Their names, contacts, résumés and all texts about them will be erased. Those who "
        "apply again or move to another stage before then are kept."
    )
    return subject % number, text if number else _("Nothing left to do.")


def _request_texts(person: User | None) -> tuple[str, str]:
    is_open = ErasureRequest.objects.open().visible_to(person).exists()
    text = _(
        "A candidate asks on their private page to have their data erased. Check the request and "
        "carry it out within %(days)d days."
    ) % {"days": DAYS_TO_ANSWER}
    return _("A candidate asks for erasure"), text if is_open else _("Nothing left to do.")
