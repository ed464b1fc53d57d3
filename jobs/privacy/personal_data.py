"""The data file of a candidate: everything stored about them, for their private page.

This module collects what this app stores; `interview.candidate_portal.personal_data` adds the
interviews and messages. The file names no other person: events are without the person who caused
them. Right of access and data portability: GDPR, articles 15 and 20; PIPL, article 45.
"""

from __future__ import annotations

import base64
from typing import Any

from jobs.applications.services import CLOSED_STAGES
from jobs.candidates.services import CandidateFields
from jobs.models import Application, Candidate, ErasureRequest, ImportRun
from jobs.models.submissions import Resume, submission_of


def candidate_data(candidate: Candidate) -> dict[str, Any]:
    """Returns the record of the candidate, where it came from, and their requests."""
    requests = ErasureRequest.objects.filter(candidate=candidate)
    imports = ImportRun.objects.filter(created_candidates__contains=[candidate.pk])
    return {
        "person": {name: getattr(candidate, name) for name in CandidateFields.__annotations__},
        "stored_since": candidate.created_at,
        "changed_at": candidate.updated_at,
        "imported_at": imports.values_list("applied_at", flat=True).first(),
        "campaigns": list(candidate.campaigns.order_by("name").values_list("name", flat=True)),
        "requests_for_erasure": [
            {"asked_at": one.asked_at, "state": one.state, "answer": one.answer} for one in requests
        ],
    }


def application_data(application: Application) -> dict[str, Any]:
    """Returns one application with its history, the form answers, the consent and the résumé.

    Reasons are left out until the application is closed: they are part of the decision.
    """
    is_closed = application.stage in CLOSED_STAGES
    return {
        "job": application.job.title,
        "campaign": application.job.campaign.name,
        "stage": application.stage,
        "applied_at": application.created_at,
        "changed_at": application.updated_at,
        "history": [
            {
                "at": event.at,
                "from": event.from_stage,
                "to": event.to_stage,
                "reason": event.reason if is_closed else "",
            }
            for event in application.events.all()
        ],
        "form": _form(application),
        "resume": _resume(application),
    }


def _form(application: Application) -> dict[str, Any] | None:
    submission = submission_of(application)
    if submission is None:
        return None
    return {
        "entries": submission.entries,
        "language": submission.language,
        "consent_version": submission.consent_version,
        "consented_at": submission.consented_at,
    }


def _resume(application: Application) -> dict[str, Any] | None:
    """Returns the file in Base64, so that the data file is complete; None if there is none."""
    resume = Resume.objects.filter(application=application).first()
    if resume is None:
        return None
    try:
        with resume.file.open("rb") as file:
            content = base64.b64encode(file.read()).decode()
    except FileNotFoundError:
        content = ""
    return {
        "kind": resume.kind,
        "bytes": resume.size,
        "uploaded_at": resume.uploaded_at,
        "content_base64": content,
    }
