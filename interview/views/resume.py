"""A résumé for whoever takes part in deciding; everybody else finds nothing here."""

from __future__ import annotations

from typing import IO

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_safe

from interview.rules.permissions import applications_whose_resume_may_be_read
from interview.views.request_helpers import person
from jobs.applications.models import Resume
from jobs.models import Application
from monitoring import audit
from realtime.http.rate_limits import rate_limited

CONTENT_TYPES = {
    Resume.Kind.PDF: "application/pdf",
    Resume.Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Resume.Kind.DOC: "application/msword",
}
HEADERS = {
    # A stranger made this file: it is saved, never shown as a page of ours.
    "Content-Security-Policy": "sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@login_required
@require_safe
@rate_limited("resume")
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that came with an application; that it was read is remembered."""
    readable = applications_whose_resume_may_be_read(person(request))
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
    """Erased, or lost: said to who may know that there was one."""
    return render(request, "interview/resume_gone.html", {"application": application}, status=410)
