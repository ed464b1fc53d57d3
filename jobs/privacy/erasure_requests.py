"""Requests for erasure: made on a candidate's private page, decided by a coordinator.

Callers check permissions first.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.candidates.locking import lock_candidates
from jobs.candidates.permissions import changeable_candidates
from jobs.imports.locking import lock_runs_with
from jobs.merging.execute import candidate_merging
from jobs.models import Application, Campaign, CampaignMember, Candidate, ErasureRequest
from jobs.models.candidates import CandidateQuerySet
from jobs.models.erasure import ErasureRequestQuerySet
from jobs.privacy.anonymisation import candidates_anonymise, candidates_anonymised
from jobs.privacy.identity import address_of_page, is_page_of_candidate

DAYS_TO_ANSWER = 30  # GDPR, article 12 (3): within one month
State = ErasureRequest.State

erasure_requested = Signal()
"""Sent with `request` in the transaction that stores it. Receivers tell the coordinators."""

candidate_erasing = Signal()
"""Sent with `candidate` in the transaction that erases on request, before it. Receivers end what
the person still takes part in.
"""


def connect() -> None:
    candidates_anonymised.connect(_anonymised, dispatch_uid="jobs.requests_carried_out")
    candidate_merging.connect(_merging, dispatch_uid="jobs.requests_merged")


@transaction.atomic
def erasure_request_create(*, application: Application) -> ErasureRequest:
    """Stores the request, or returns the one that is open already.

    A request from the candidate's own address replaces an open one from another address.
    """
    Candidate.objects.select_for_update(no_key=True).get(pk=application.candidate_id)
    requests = ErasureRequest.objects.filter(candidate=application.candidate_id).open()
    if found := requests.first():
        if is_page_of_candidate(application) and not requests.confirmed().exists():
            found.application, found.email = application, address_of_page(application)
            found.asked_at = timezone.now()
            found.save(update_fields=["application", "email", "asked_at"])
        return found
    request = ErasureRequest.objects.create(
        candidate_id=application.candidate_id,
        application=application,
        email=address_of_page(application),
    )
    erasure_requested.send(sender=ErasureRequest, request=request)
    return request


def requests_of_page(application: Application) -> ErasureRequestQuerySet:
    """Returns the requests from pages of this address: no others are shown or taken back there."""
    return ErasureRequest.objects.filter(
        candidate=application.candidate_id, email__iexact=address_of_page(application)
    )


@transaction.atomic
def erasure_request_cancel(*, application: Application) -> None:
    """Takes the open request of this page back, if there is one. The candidate keeps their data."""
    open_requests = requests_of_page(application).open()
    open_requests.update(state=State.CANCELLED, decided_at=timezone.now())


@transaction.atomic
def erasure_request_decline(*, request: ErasureRequest, answer: str, by: User) -> None:
    """Declines the request with a reason that the candidate reads.

    Raises ValidationError by field, on `state` if the request is no longer open.
    """
    locked = ErasureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if locked.state != State.OPEN:
        raise ValidationError({"state": _("This request has already been decided.")})
    if not answer.strip():
        raise ValidationError({"answer": _("Enter the reason. The candidate reads it.")})
    locked.state, locked.answer = State.DECLINED, answer.strip()
    locked.decided_at, locked.decided_by = timezone.now(), by
    locked.full_clean(exclude=["candidate", "application", "decided_by"])
    locked.save()


@transaction.atomic
def candidate_erase(*, candidate: Candidate, by: User) -> bool:
    """Ends what the candidate still takes part in, and anonymises them.

    Returns False if they were anonymised already.
    """
    lock_runs_with([candidate.pk])
    lock_candidates([candidate.pk])
    candidate_erasing.send(sender=Candidate, candidate=candidate)
    open_requests = ErasureRequest.objects.open().filter(candidate=candidate)
    open_requests.update(decided_by=by)
    return bool(candidates_anonymise(candidates=[candidate.pk], by=by))


def erasable_candidates(user: Any) -> CandidateQuerySet:
    """Returns the candidates whom this person may erase.

    Those they may change, and those who ask for it themselves, from their own address: any of
    their coordinators carries that out, because nobody may coordinate all of their campaigns.
    """
    asked = ErasureRequest.objects.open().confirmed().filter(candidate=OuterRef("pk"))
    own = Q(pk__in=changeable_candidates(user).values("pk"))
    return Candidate.objects.visible_to(user).filter(own | Q(Exists(asked)))


def coordinators_of(candidates: Collection[int]) -> list[int]:
    """Returns the ids of the active users who coordinate a campaign of these candidates.

    A candidate in no campaign concerns every coordinator. Without any, superusers are responsible.
    """
    concerned = Campaign.objects.filter(
        Q(candidates__in=candidates) | Q(jobs__applications__candidate__in=candidates)
    )
    members = CampaignMember.objects.filter(role="coordinator", user__is_active=True)
    in_any = Campaign.candidates.through.objects.filter(candidate=OuterRef("pk"))
    if not Candidate.objects.filter(~Exists(in_any), pk__in=candidates).exists():
        members = members.filter(campaign__in=concerned.values("pk"))
    found = set(members.values_list("user", flat=True))
    superusers = User.objects.filter(is_superuser=True, is_active=True)
    return sorted(found or superusers.values_list("pk", flat=True))


def _anonymised(sender: Any, ids: list[int], **kwargs: Any) -> None:
    """Closes the requests of these candidates, and erases addresses and answers."""
    requests = ErasureRequest.objects.filter(candidate__in=ids)
    requests.update(answer="", email="")
    requests.open().update(state=State.ERASED, decided_at=timezone.now())


def _merging(sender: Any, kept: int, removed: int, **kwargs: Any) -> None:
    """Moves requests to the kept candidate, who may have only one that is open."""
    requests = ErasureRequest.objects.filter(candidate=removed)
    if ErasureRequest.objects.open().filter(candidate=kept).exists():
        requests.open().update(state=State.CANCELLED, decided_at=timezone.now())
    requests.update(candidate=kept)
