"""Résumé downloads, for people who take part in the decision; 404 for everybody else."""

from __future__ import annotations

from typing import IO

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_safe

from interview.rules.permissions import applications_whose_resume_may_be_read
from interview.views.request_helpers import signed_in_user
from jobs.models import Application
from jobs.models.submissions import Resume
from monitoring import audit
from realtime.http.rate_limits import rate_limited

CONTENT_TYPES = {
    Resume.Kind.PDF: "application/pdf",
    Resume.Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Resume.Kind.DOC: "application/msword",
}
HEADERS = {
    # The file is untrusted: it must be downloaded, never rendered as a page of this site.
    "Content-Security-Policy": "sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@login_required
@require_safe
@rate_limited("resume")
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answers the résumé of an application and records the access in the audit log."""
    readable = applications_whose_resume_may_be_read(signed_in_user(request))
    application = get_object_or_404(readable.select_related("candidate", "resume"), pk=pk)
    resume = application.resume
    try:
        file: IO[bytes] = resume.file.open("rb")
    except FileNotFoundError:
        return _gone(request, application)
    audit.record(
        action=audit.Action.VIEW_RESUME, label="jobs.candidate", ids=[application.candidate_id]
    )
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=get_valid_filename(f"{application.candidate.name}-{pk}.{resume.kind}"),
        content_type=CONTENT_TYPES[Resume.Kind(resume.kind)],
    )
    for name, value in HEADERS.items():
        answer[name] = value
    return answer


def _gone(request: HttpRequest, application: Application) -> HttpResponse:
    """Answers 410 for a file that was erased or lost. Only reached with access to the résumé."""
    return render(request, "interview/resume_gone.html", {"application": application}, status=410)
