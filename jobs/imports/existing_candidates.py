"""Finds existing candidates by mobile and e-mail, in two queries for any number of contacts."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.functions import Lower

from jobs.imports.plan import Contact, ExistingCandidate
from jobs.models import Candidate


def find_existing_candidates(contacts: Collection[Contact]) -> dict[Contact, ExistingCandidate]:
    """Returns the existing candidates by the contacts (mobile or e-mail) that they have."""
    mobiles = [value for kind, value in contacts if kind == "mobile"]
    emails = [value for kind, value in contacts if kind == "email"]
    existing: dict[Contact, ExistingCandidate] = {}
    if mobiles:
        by_mobile = Candidate.objects.filter(mobile__in=mobiles)
        for pk, name, mobile in by_mobile.values_list("pk", "name", "mobile"):
            existing["mobile", mobile] = ExistingCandidate(pk, name)
    if emails:
        by_email = Candidate.objects.annotate(address=Lower("email")).filter(address__in=emails)
        for pk, name, address in by_email.values_list("pk", "name", "address"):
            existing["email", address] = ExistingCandidate(pk, name)
    return existing
