"""Receiver of `jobs.privacy`: erases what this app stores about anonymised candidates."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from interview.live.signals import record_candidates
from interview.models import (
    BulkLine,
    Delivery,
    Interview,
    InterviewAssignment,
    InterviewEvent,
    Scorecard,
    ScorecardAmendment,
)
from interview.notifications import outbox
from interview.notifications.email.mail_files import mail_files_erase
from interview.notifications.email.message import message_id_of
from interview.services import application_withdraw
from jobs.models import Candidate
from jobs.privacy.anonymisation import candidates_anonymised
from jobs.privacy.erasure_requests import candidate_erasing
from realtime.after_commit import call_after_commit


def connect() -> None:
    candidates_anonymised.connect(erase, dispatch_uid="interview.erase_texts")
    candidate_erasing.connect(withdraw, dispatch_uid="interview.erase_withdraws")


def withdraw(sender: Any, candidate: Candidate, **kwargs: Any) -> None:
    """Withdraws the candidate's open applications, which cancels their interviews."""
    for application in candidate.applications.order_by("pk"):
        application_withdraw(application=application)


def erase(sender: Any, ids: list[int], known_as: Collection[str], **kwargs: Any) -> None:
    """Erases texts and e-mails about these candidates, and records the rows that showed them."""
    found = Interview.objects.filter(application__candidate__in=ids)
    interviews = list(found.select_related("campaign"))
    _erase_interviews(interviews)
    _erase_scorecards(interviews)
    lines = BulkLine.objects.filter(application__candidate__in=ids)
    lines.update(override_reason="", refusal="")
    _erase_messages(ids, known_as)
    record_candidates(list(Candidate.objects.filter(pk__in=ids)))


def _erase_interviews(interviews: list[Interview]) -> None:
    for interview in interviews:
        interview.reason = ""
        interview.version += 1
    Interview.objects.bulk_update(interviews, ["reason", "version"])
    declined = InterviewAssignment.objects.filter(interview__in=interviews)
    assignments = list(declined.exclude(decline_reason="").select_related("interview__campaign"))
    for assignment in assignments:
        assignment.decline_reason = ""
    InterviewAssignment.objects.bulk_update(assignments, ["decline_reason"])
    events = InterviewEvent.objects.filter(interview__in=interviews)
    events.update(reason="")
    _erase_undo_texts(events)


def _erase_undo_texts(events: QuerySet[InterviewEvent]) -> None:
    """Erases reasons from the saved states of events, which undo would restore."""
    found = list(events.filter(before__has_key="reason").exclude(before__reason=""))
    for event in found:
        event.before["reason"] = ""
    InterviewEvent.objects.bulk_update(found, ["before"], batch_size=500)


def _erase_scorecards(interviews: list[Interview]) -> None:
    scorecards = Scorecard.objects.filter(interview__in=interviews)
    cards = list(scorecards.select_related("interview__campaign"))
    for card in cards:
        card.strengths = card.concerns = ""
    Scorecard.objects.bulk_update(cards, ["strengths", "concerns"])
    erased = {"reason": "", "strengths": "", "concerns": ""}
    ScorecardAmendment.objects.filter(scorecard__in=cards).update(**erased)


def _erase_messages(ids: list[int], known_as: Collection[str]) -> None:
    """Erases the mail servers' answers, and after commit the e-mails that are files.

    Withdraws what waits for the candidates themselves: they have no address any more.
    """
    about = Q(candidate__in=ids) | Q(interview__application__candidate__in=ids)
    messages = list(Delivery.objects.filter(about).only("pk", "created_at"))
    Delivery.objects.filter(about).update(answer="", sent_to="")
    outbox.withdraw(Delivery.objects.filter(candidate__in=ids))
    message_ids = [message_id_of(message) for message in messages]
    call_after_commit(mail_files_erase, known_as, message_ids)
