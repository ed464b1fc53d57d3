"""Which people of a file are candidates already: two queries for any number of them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.functions import Lower

from jobs.imports.plan import Contact, ExistingCandidate
from jobs.models import Candidate


def find_existing_candidates(contacts: Collection[Contact]) -> dict[Contact, ExistingCandidate]:
    """Everybody in the database who has one of these mobiles or e-mail addresses."""
    mobiles = [value for kind, value in contacts if kind == "mobile"]
    emails = [value for kind, value in contacts if kind == "email"]
    known: dict[Contact, ExistingCandidate] = {}
    if mobiles:
        by_mobile = Candidate.objects.filter(mobile__in=mobiles)
        for pk, name, mobile in by_mobile.values_list("pk", "name", "mobile"):
            known["mobile", mobile] = ExistingCandidate(pk, name)
    if emails:
        by_email = Candidate.objects.annotate(address=Lower("email")).filter(address__in=emails)
        for pk, name, address in by_email.values_list("pk", "name", "address"):
            known["email", address] = ExistingCandidate(pk, name)
    return known
