"""Writes candidates and their campaign memberships.

Views, the API, the admin, imports and online applications call these functions. Callers check
permissions first.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import Any, TypedDict, Unpack, cast

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.candidates.conflicts import conflicts_record, conflicts_remove
from jobs.candidates.contacts import InvalidContact, normalize_email, normalize_mobile
from jobs.candidates.names import normalize_name, searchable_name
from jobs.candidates.pinyin import pinyin_of
from jobs.models import Campaign, Candidate
from jobs.models.candidates import CandidateQuerySet
from jobs.models.imports import FilledCandidate
from monitoring import audit

ROWS_A_STATEMENT = 2_000
EMPTY = ("", None)
CampaignCandidate = Campaign.candidates.through
CONTACTS = {"mobile": "mobile", "email": "email__iexact"}
"""The fields that identify a person, and the lookup that compares them."""


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
    *,
    campaign: Campaign | None = None,
    by: User | None = None,
    is_kept_apart: bool = False,
    **fields: Unpack[CandidateFields],
) -> Candidate:
    """Creates a candidate and adds them to the campaign, if one is given.

    by             a contact of a candidate whom this person may not see is not refused: it would
                   tell that another campaign knows it. The record is kept apart, as a conflict.
    is_kept_apart  keeps the record apart from every candidate with the same contact

    Raises ValidationError by field, also if another candidate has this mobile or e-mail.
    """
    candidate = Candidate()
    _write(candidate, fields, by=by, is_kept_apart=is_kept_apart)
    if candidate.shares_contact:
        conflicts_record(candidates=[candidate], campaign=campaign, by=by)
    if campaign is not None:
        candidates_join(candidates=[candidate], campaign=campaign)
    return candidate


@transaction.atomic
def candidate_update(
    *, candidate: Candidate, by: User | None = None, **fields: Unpack[CandidateFields]
) -> Candidate:
    """Changes the given fields of a candidate. `by` and errors as in `candidate_create`."""
    candidate.refresh_from_db(from_queryset=Candidate.objects.select_for_update())
    changed = _write(candidate, fields, by=by)
    if changed and candidate.shares_contact:
        conflicts_record(candidates=[candidate], campaign=None, by=by)
    return candidate


def _write(
    candidate: Candidate, fields: CandidateFields, *, by: User | None, is_kept_apart: bool = False
) -> Collection[str]:
    """Sets the fields and saves. Returns the names of the contacts that changed."""
    before = {name: getattr(candidate, name) for name in CONTACTS}
    known_name = candidate.name if candidate.pk else None
    for name, value in fields.items():
        setattr(candidate, name, value)
    _normalize_contacts(candidate, fields)
    _set_name(candidate, candidate.name)
    # A name stored before the rules for names does not prevent other changes.
    candidate.full_clean(
        validate_constraints=False, exclude=() if candidate.name != known_name else {"name"}
    )
    changed = {name for name in CONTACTS if getattr(candidate, name) != before[name]}
    refused = set() if is_kept_apart else changed
    candidate.shares_contact = _shares_contact(candidate, changed, refused, by)
    try:
        with transaction.atomic():
            candidate.save()
    except IntegrityError:  # somebody else saved the same contact after the check above
        candidate.shares_contact = _shares_contact(candidate, changed, refused, by)
        if not candidate.shares_contact:
            raise
        candidate.save()
    return changed


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


def taken_contacts(
    *, candidate: Candidate, contacts: Mapping[str, str], by: User | None
) -> dict[str, str]:
    """Returns a message for each mobile or e-mail that another candidate has.

    Leaves out candidates whom `by` may not see: nobody is told that another campaign knows them.
    """
    messages = {
        "mobile": _("Another candidate has this mobile number."),
        "email": _("Another candidate has this e-mail address."),
    }
    problems = {}
    for name, value in contacts.items():
        holders = _other_holders(candidate, name, value)
        if value and (holders if by is None else holders.visible_to(by)).exists():
            problems[name] = messages[name]
    return problems


def _other_holders(candidate: Candidate, name: str, value: str) -> CandidateQuerySet:
    return Candidate.objects.exclude(pk=candidate.pk).filter(**{CONTACTS[name]: value})


def _shares_contact(
    candidate: Candidate, changed: Collection[str], refused: Collection[str], by: User | None
) -> bool:
    """Returns whether another candidate has the mobile or e-mail of this one.

    Friendly pre-check, with an error by field for `refused` ones; the unique constraints still
    catch races. Contacts that have not changed are read again only if they were shared.
    """
    contacts = {name: getattr(candidate, name) for name in CONTACTS if getattr(candidate, name)}
    checked = {name: value for name, value in contacts.items() if name in refused}
    if problems := taken_contacts(candidate=candidate, contacts=checked, by=by):
        raise ValidationError(problems)
    return any(
        _other_holders(candidate, name, value).exists()
        for name, value in contacts.items()
        if (name in changed or candidate.shares_contact) and (name not in refused or by is not None)
    )


def refresh_shares_contact(candidate: Candidate) -> None:
    """Sets whether another candidate has a contact of this one; the caller saves it."""
    candidate.shares_contact = _shares_contact(candidate, CONTACTS, (), None)


def contact_problem(error: InvalidContact) -> str:
    """Returns the message for a mobile number or e-mail address that is not valid."""
    if error.code == "email":
        return _("This is not an e-mail address.")
    if error.code == "emails":
        return _("Enter only one e-mail address.")
    return _("This is not a mobile number.")


def _set_name(candidate: Candidate, name: str) -> None:
    """Sets the name, and what searches compare. No other function does."""
    candidate.name = normalize_name(name)
    candidate.search_name = searchable_name(candidate.name)
    spelling = pinyin_of(candidate.name)
    candidate.pinyin, candidate.initials = spelling.pinyin, spelling.initials


@transaction.atomic
def candidates_create(
    *,
    people: Sequence[CandidateFields],
    is_kept_apart: bool = False,
    campaign: Campaign | None = None,
    by: User | None = None,
) -> list[Candidate]:
    """Creates many candidates at once from validated, normalised values.

    is_kept_apart  other candidates have the same contacts: records the conflicts, for the
                   campaign and person given

    Raises IntegrityError, and writes nothing, if a contact has been taken since the validation.
    """
    candidates = [Candidate(**fields, shares_contact=is_kept_apart) for fields in people]
    for candidate in candidates:
        _set_name(candidate, candidate.name)
    created = Candidate.objects.bulk_create(candidates, batch_size=ROWS_A_STATEMENT)
    if is_kept_apart and created:
        conflicts_record(candidates=created, campaign=campaign, by=by)
    return created


@transaction.atomic
def candidates_fill(*, values: Mapping[int, CandidateFields]) -> dict[int, CandidateFields]:
    """Sets those of the given fields that are still empty; `values` are normalised, by candidate.

    Returns what was set, by candidate. Never overwrites a value. Raises IntegrityError, and writes
    nothing, if another candidate has taken a contact.
    """
    found = Candidate.objects.filter(pk__in=values, anonymised_at=None).order_by("pk")
    filled: dict[int, CandidateFields] = {}
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in found.select_for_update(of=("self",)):
        given = values[candidate.pk].items()
        fields = {name: value for name, value in given if getattr(candidate, name) in EMPTY}
        if fields:
            filled[candidate.pk] = cast(CandidateFields, fields)
            groups.setdefault(tuple(sorted(fields)), []).append(_changed(candidate, fields))
    _save_groups(groups)
    return filled


@transaction.atomic
def candidates_clear(*, fields: Mapping[int, Collection[str]]) -> None:
    """Empties these fields, by candidate."""
    found = Candidate.objects.filter(pk__in=fields).order_by("pk")
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for candidate in found.select_for_update(of=("self",)):
        names = tuple(sorted(fields[candidate.pk]))
        empty = {name: getattr(Candidate(), name) for name in names}
        groups.setdefault(names, []).append(_changed(candidate, empty))
    _save_groups(groups)


def _changed(candidate: Candidate, values: Mapping[str, Any]) -> Candidate:
    for name, value in values.items():
        setattr(candidate, name, value)
    candidate.updated_at = timezone.now()
    return candidate


def _save_groups(groups: Mapping[tuple[str, ...], Sequence[Candidate]]) -> None:
    """Saves candidates by the fields that have changed, so that the audit names no others."""
    for fields, candidates in groups.items():
        Candidate.objects.bulk_update(candidates, [*fields, "updated_at"], ROWS_A_STATEMENT)


@transaction.atomic
def candidates_join(*, candidates: Iterable[Candidate | int], campaign: Campaign) -> list[int]:
    """Adds candidates to a campaign. Returns the ids of those who were not in it before."""
    ids = sorted({one if isinstance(one, int) else one.pk for one in candidates})
    joined = list[int]()
    for start in range(0, len(ids), ROWS_A_STATEMENT):
        joined += _join(ids[start : start + ROWS_A_STATEMENT], campaign)
    return joined


def _join(ids: Sequence[int], campaign: Campaign) -> list[int]:
    links = CampaignCandidate.objects.filter(campaign=campaign, candidate__in=ids)
    joining = sorted(set(ids).difference(links.values_list("candidate_id", flat=True)))
    CampaignCandidate.objects.bulk_create(
        [CampaignCandidate(campaign=campaign, candidate_id=one) for one in joining],
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
        conflicts_remove(unused_ids)
        FilledCandidate.objects.filter(candidate__in=unused_ids).delete()
        audit.record(action=audit.Action.DELETE, label="jobs.candidate", ids=unused_ids)
    # No delete signals: a candidate without applications is in no live list. Django's public delete
    # would load every row to send them.
    unused = Candidate.objects.filter(pk__in=unused_ids)
    return unused._raw_delete(unused.db)
