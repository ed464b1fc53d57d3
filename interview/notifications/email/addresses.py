"""Current addresses of recipients, and digests by which a corrected address is noticed.

Deliveries store no address. The digest depends on the site's secret key, so it cannot be guessed
from a list of addresses.
"""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from interview.models import Delivery
from interview.notifications.email import account_notices, application_receipts

SALT = "interview.delivery.sent_to"
LENGTH = 32


def address_of(delivery: Delivery) -> str:
    """The recipient's current address, or "". A deactivated account has none."""
    if delivery.event == Delivery.Event.RECEIVED:
        return application_receipts.address_of(delivery)
    if delivery.applicant is not None:
        return str(delivery.applicant.email)
    if delivery.event in account_notices.EVENTS:
        return account_notices.address_of(delivery)
    if delivery.candidate is not None:
        return str(delivery.candidate.email)
    person = delivery.person
    return str(person.email) if person is not None and person.is_active else ""


def digest_of(address: str) -> str:
    """The value of `Delivery.sent_to` for an address; "" for none."""
    return salted_hmac(SALT, address.strip().lower()).hexdigest()[:LENGTH] if address else ""


def went_elsewhere(delivery: Delivery) -> bool:
    """True if the message was sent to another address than the recipient has now."""
    return bool(delivery.sent_to) and delivery.sent_to != digest_of(address_of(delivery))
