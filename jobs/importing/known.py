"""Which people of a file are candidates already: two queries, however long the file."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models.functions import Lower

from jobs.importing.cells import Person
from jobs.importing.plan import Contact, Known
from jobs.models import Candidate


def known_people(people: Sequence[Person]) -> dict[Contact, Known]:
    """Everybody in the database who has a mobile or e-mail of one of these."""
    mobiles = {person.values["mobile"] for person in people if person.values.get("mobile")}
    emails = {person.values["email"] for person in people if person.values.get("email")}
    known: dict[Contact, Known] = {}
    by_mobile = Candidate.objects.filter(mobile__in=mobiles)
    for pk, name, mobile in by_mobile.values_list("pk", "name", "mobile"):
        known["mobile", mobile] = Known(pk, name)
    by_email = Candidate.objects.annotate(address=Lower("email")).filter(address__in=emails)
    for pk, name, address in by_email.values_list("pk", "name", "address"):
        known["email", address] = Known(pk, name)
    return known
