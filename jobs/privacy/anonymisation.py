"""Finds candidates due for anonymisation and anonymises them. This cannot be undone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.dispatch import Signal
from django.utils import timezone

from jobs.candidates.conflicts import conflicts_remove
from jobs.candidates.locking import lock_candidates
from jobs.candidates.services import refresh_shares_contact
from jobs.imports.locking import lock_runs_with
from jobs.models import Application, ApplicationEvent, Candidate, ContactConflict
from jobs.models.anonymisation import AnonymisationList
from jobs.models.candidates import CandidateQuerySet
from jobs.models.submissions import Submission
from monitoring import audit

candidates_anonymised = Signal()
"""Sent with `ids` and `known_as`, in the same transaction. Receivers erase their texts and files
about these candidates; they delete files with `transaction.on_commit`.

known_as: the names, numbers and addresses that were erased, to find texts that hold no id.
"""

anonymisation_announced = Signal()
"""Sent with `listed` in the transaction that announces it. Receivers tell the coordinators."""

NOTICE = timedelta(hours=20)  # at least; the nightly task announces and anonymises a day later
UNSUCCESSFUL = (Application.Stage.REJECTED, Application.Stage.WITHDRAWN)
IDENTIFYING = ("name", "mobile", "email", "another_email")  # of the form answers
ERASED = (
    "search_name",
    "pinyin",
    "initials",
    "mobile",
    "email",
    "city",
    "school",
    "major",
    "degree",
)


def due_for_anonymisation(cutoff: datetime) -> CandidateQuerySet:
    """Returns candidates who were not hired and have had no activity since `cutoff`."""
    applications = Application.objects.filter(candidate=OuterRef("pk"))
    active = applications.filter(~Q(stage__in=UNSUCCESSFUL) | Q(updated_at__gte=cutoff))
    old = Candidate.objects.filter(anonymised_at=None, created_at__lt=cutoff)
    return old.filter(~Exists(active)).filter(
        Q(updated_at__lt=cutoff)
        | Exists(applications)  # imports may update candidates whose applications are old
    )


@transaction.atomic
def anonymisation_list(*, now: datetime) -> AnonymisationList:
    """Records the candidates due now. Changes no candidate."""
    cutoff = now - relativedelta(years=settings.RETENTION_YEARS)
    ids = list(due_for_anonymisation(cutoff).order_by("pk").values_list("pk", flat=True))
    return AnonymisationList.objects.create(at=now, cutoff=cutoff, candidates=ids, count=len(ids))


@transaction.atomic
def anonymisation_announce(*, now: datetime) -> AnonymisationList:
    """Records the candidates due now and tells their coordinators, a night before the erasure."""
    listed = anonymisation_list(now=now)
    listed.announced_at = now
    listed.save(update_fields=["announced_at"])
    anonymisation_announced.send(sender=AnonymisationList, listed=listed)
    return listed


@transaction.atomic
def anonymisation_execute_announced(*, now: datetime) -> list[int]:
    """Anonymises those who are still due of the lists announced at least NOTICE ago."""
    waiting = AnonymisationList.objects.filter(announced_at__lte=now - NOTICE, carried_out_at=None)
    return [pk for listed in waiting.order_by("at") for pk in anonymisation_execute(listed=listed)]


@transaction.atomic
def anonymisation_execute(*, listed: AnonymisationList, by: User | None = None) -> list[int]:
    """Anonymises the listed candidates who are still due. Returns their ids."""
    still = due_for_anonymisation(listed.cutoff).filter(pk__in=listed.candidates)
    done = candidates_anonymise(candidates=list(still.values_list("pk", flat=True)), by=by)
    listed.carried_out_at = timezone.now()
    listed.save(update_fields=["carried_out_at"])
    return done


@transaction.atomic
def candidates_anonymise(*, candidates: Collection[int], by: User | None) -> list[int]:
    """Anonymises candidates: those on a list of due candidates, or any candidates on request.

    Erases names, contacts, origin and all texts about them. Keeps stages, times and scores, so that
    a campaign's statistics stay the same. Returns the ids of candidates not anonymised before.
    """
    lock_runs_with(candidates)
    lock_candidates(candidates)
    people = list(Candidate.objects.filter(pk__in=candidates, anonymised_at=None).order_by("pk"))
    if not people:
        return []
    ids = [person.pk for person in people]
    known_as = _names_and_contacts(people)
    for person in people:
        for field in ERASED:
            setattr(person, field, "")
        person.name, person.anonymised_at = f"#{person.pk}", timezone.now()
        person.shares_contact = False
    changed = [*ERASED, "name", "anonymised_at", "shares_contact"]
    Candidate.objects.bulk_update(people, changed, batch_size=500)
    _end_conflicts(ids)
    ApplicationEvent.objects.filter(application__candidate__in=ids).update(reason="")
    candidates_anonymised.send(sender=Candidate, ids=ids, known_as=known_as)
    audit.record(action=audit.Action.ANONYMISE, label="jobs.candidate", ids=ids, by=by)
    return ids


def _end_conflicts(ids: Collection[int]) -> None:
    """Ends conflicts about contacts that nobody has any more."""
    conflicts = ContactConflict.objects.filter(Q(record__in=ids) | Q(known__in=ids))
    others = {pk for pair in conflicts.values_list("record", "known") for pk in pair} - set(ids)
    conflicts_remove(ids)
    for other in Candidate.objects.filter(pk__in=others, shares_contact=True):
        refresh_shares_contact(other)
        other.save(update_fields=["shares_contact"])


def _names_and_contacts(people: Collection[Candidate]) -> set[str]:
    """Returns what these people are called and reached by, also as they entered it themselves."""
    found = {value for one in people for value in (one.name, one.mobile, one.email)}
    entered = Submission.objects.filter(application__candidate__in=people)
    for entries in entered.values_list("entries", flat=True):
        found.update(str(entries.get(field, "")) for field in IDENTIFYING)
    return found - {""}
