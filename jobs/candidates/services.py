"""Writes candidates and their campaign memberships.

Views, the API, the admin, imports and online applications call these functions. Callers check
permissions first.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jobs.candidates.contacts import InvalidContact, normalize_email, normalize_mobile
from jobs.candidates.pinyin import pinyin_of
from jobs.models import Campaign, Candidate
from monitoring import audit

ROWS_A_STATEMENT = 2_000
CampaignCandidate = Campaign.candidates.through


class CandidateFields(TypedDict, total=False):
    """The writable fields of a candidate. Services normalise `mobile` and `email`."""

    name: str
    mobile: str
    email: str
    city: str
    school: str
    major: str
    degree: str
    general_score: int | None
    written_score: int | None


@transaction.atomic
def candidate_create(
    *, campaign: Campaign | None = None, **fields: Unpack[CandidateFields]
) -> Candidate:
    """Creates a candidate and adds them to the campaign, if one is given.

    Raises ValidationError by field, also if another candidate has this mobile or e-mail.
    """
    candidate = Candidate()
    _write(candidate, fields)
    if campaign is not None:
        candidates_join(candidates=[candidate], campaign=campaign)
    return candidate


@transaction.atomic
def candidate_update(*, candidate: Candidate, **fields: Unpack[CandidateFields]) -> Candidate:
    """Changes the given fields of a candidate. Raises ValidationError by field."""
    candidate.refresh_from_db(from_queryset=Candidate.objects.select_for_update())
    _write(candidate, fields)
    return candidate


def _write(candidate: Candidate, fields: CandidateFields) -> None:
    for name, value in fields.items():
        setattr(candidate, name, value)
    _normalize_contacts(candidate, fields)
    candidate.name = candidate.name.strip()
    _set_pinyin(candidate)
    candidate.full_clean(validate_constraints=False)
    _refuse_taken_contacts(candidate)
    try:
        with transaction.atomic():
            candidate.save()
    except IntegrityError:  # somebody else saved the same contact after the check above
        _refuse_taken_contacts(candidate)
        raise


def _normalize_contacts(candidate: Candidate, given: Container[str]) -> None:
    """Leaves contacts that are not changed, so that an old one does not prevent other changes."""
    problems: dict[str, str] = {}
    for name, normalize in (("mobile", normalize_mobile), ("email", normalize_email)):
        if name not in given:
            continue
        try:
            setattr(candidate, name, normalize(getattr(candidate, name)))
        except InvalidContact as error:
            problems[name] = contact_problem(error)
    if problems:
        raise ValidationError(problems)


def _refuse_taken_contacts(candidate: Candidate) -> None:
    """Friendly pre-check with an error by field; the unique constraints still catch races."""
    others = Candidate.objects.exclude(pk=candidate.pk)
    problems: dict[str, str] = {}
    if candidate.mobile and others.filter(mobile=candidate.mobile).exists():
        problems["mobile"] = _("Another candidate has this mobile number.")
    if candidate.email and others.filter(email__iexact=candidate.email).exists():
        problems["email"] = _("Another candidate has this e-mail address.")
    if problems:
        raise ValidationError(problems)


def contact_problem(error: InvalidContact) -> str:
    """Returns the message for a mobile number or e-mail address that is not valid."""
    if error.code == "email":
        return _("This is not an e-mail address.")
    if error.code == "emails":
        return _("Enter only one e-mail address.")
    return _("This is not a mobile number.")


def _set_pinyin(candidate: Candidate) -> None:
    spelling = pinyin_of(candidate.name)
    candidate.pinyin, candidate.initials = spelling.pinyin, spelling.initials


@transaction.atomic
def candidates_create(*, people: Sequence[CandidateFields]) -> list[Candidate]:
    """Creates many candidates at once from validated, normalised values.

    Raises IntegrityError, and writes nothing, if a contact has been taken since the validation.
    """
    candidates = [Candidate(**fields) for fields in people]
    for candidate in candidates:
        _set_pinyin(candidate)
    return Candidate.objects.bulk_create(candidates, batch_size=ROWS_A_STATEMENT)


@transaction.atomic
def candidates_join(*, candidates: Iterable[Candidate | int], campaign: Campaign) -> list[int]:
    """Adds candidates to a campaign. Returns the ids of those who were not in it before."""
    ids = {one if isinstance(one, int) else one.pk for one in candidates}
    links = CampaignCandidate.objects.filter(campaign=campaign, candidate__in=ids)
    joining = sorted(ids.difference(links.values_list("candidate_id", flat=True)))
    CampaignCandidate.objects.bulk_create(
        [CampaignCandidate(campaign=campaign, candidate_id=one) for one in joining],
        batch_size=ROWS_A_STATEMENT,
        ignore_conflicts=True,
    )
    return joining


@transaction.atomic
def candidates_leave(*, candidates: Collection[int], campaign: Campaign) -> int:
    """Removes candidates from a campaign, except those with an application in it.

    Returns the number removed.
    """
    links = CampaignCandidate.objects.filter(campaign=campaign, candidate__in=candidates)
    return links.exclude(candidate__applications__job__campaign=campaign).delete()[0]


@transaction.atomic
def candidates_remove_unused(*, candidates: Collection[int]) -> int:
    """Deletes those of the given candidates who have no application and are in no campaign.

    Returns the number deleted.
    """
    locked = Candidate.objects.select_for_update().filter(pk__in=candidates).order_by("pk")
    ids = list(locked.values_list("pk", flat=True))  # the lock keeps them from applying meanwhile
    unused = Candidate.objects.filter(pk__in=ids, applications=None, campaigns=None)
    unused_ids = list(unused.values_list("pk", flat=True))
    if unused_ids:
        audit.record(action=audit.Action.DELETE, label="jobs.candidate", ids=unused_ids)
    # No delete signals: a candidate without applications is in no live list. Django's public delete
    # would load every row to send them.
    unused = Candidate.objects.filter(pk__in=unused_ids)
    return unused._raw_delete(unused.db)
