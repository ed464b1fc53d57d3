"""Contacts of the people of an interview, for a coordinator who wants to reach them now."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from interview.models import Interview
from interview.rules.permissions import is_coordinator
from interview.rules.planned_interviews import active_assignments
from jobs.mobile_numbers import mobile_numbers
from monitoring import audit
from realtime.display_names import display_name


@dataclass(frozen=True, slots=True)
class Contact:
    """A person with mobile number and e-mail address, or "" for what is not known."""

    id: int
    name: str
    mobile: str
    email: str


@dataclass(frozen=True, slots=True)
class Contacts:
    candidate: Contact
    interviewers: list[Contact]


@transaction.atomic
def contacts_look_up(*, interview: Interview, by: User) -> Contacts:
    """Returns the contacts of an interview from `for_rows()`. The audit log gets an entry.

    One a day for each candidate and person who looks. Raises PermissionDenied for people who do not
    coordinate the campaign: interviewers do not see the contacts of candidates.
    """
    if not is_coordinator(by, interview.campaign_id):
        raise PermissionDenied
    candidate = interview.application.candidate
    audit.record_once_a_day(
        action=audit.Action.VIEW_CONTACTS, label="jobs.candidate", ids=[candidate.pk], by=by
    )
    people = [one.interviewer for one in active_assignments(interview)]
    mobiles = mobile_numbers([person.pk for person in people])
    return Contacts(
        candidate=Contact(candidate.pk, candidate.name, candidate.mobile, candidate.email),
        interviewers=[
            Contact(person.pk, display_name(person), mobiles.get(person.pk, ""), person.email)
            for person in people
        ],
    )
