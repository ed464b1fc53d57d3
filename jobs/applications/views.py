"""The public pages to apply for an opening: the form, and the confirmation."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jobs.applications.confirm import CONFIRM_WITHIN
from jobs.applications.forms import ApplicationForm
from jobs.applications.receive import OpeningClosed, application_receive
from jobs.candidates.contacts import InvalidContact
from jobs.candidates.email_hints import rules_for_page
from jobs.candidates.services import contact_problem
from jobs.models import Job
from jobs.openings.search import public_openings
from realtime.http.rate_limits import has_files, is_post, rate_limited

REFUSED = 422
SENT = "sent"  # cookie for the confirmation page: this browser has sent the form
RECEIPT_SECONDS = 60 * 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("apply", when=is_post)
@rate_limited("upload", when=has_files)
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the form; POST stores the application, or shows the form again with its errors."""
    opening = public_openings().filter(pk=pk).first()
    if opening is None:
        return _closed(request)
    if request.method != "POST":
        return _page(request, opening, ApplicationForm())
    form = ApplicationForm(request.POST, request.FILES)
    try:
        is_done = form.is_spam or (form.is_valid() and _receive(form, opening))
    except OpeningClosed:
        return _closed(request)
    return _confirm(request, opening) if is_done else _refused(request, opening, form)


def _receive(form: ApplicationForm, opening: Job) -> bool:
    """Returns True if the application was stored; otherwise adds the errors to the form."""
    try:
        application_receive(
            job_id=opening.pk,
            fields=form.entries,
            language=get_language() or settings.LANGUAGE_CODE,
            resume=form.cleaned_data["resume"],
        )
    except InvalidContact as refused:
        form.add_error(None, contact_problem(refused))
        return False
    return True


def _confirm(request: HttpRequest, opening: Job) -> HttpResponse:
    """The response must not reveal whether the applicant was known before."""
    address = reverse("applied", args=[opening.pk])
    answer = JsonResponse({"url": address}) if _is_script(request) else redirect(address)
    answer.set_signed_cookie(
        SENT,
        str(opening.pk),
        max_age=RECEIPT_SECONDS,
        path=address,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _refused(request: HttpRequest, opening: Job, form: ApplicationForm) -> HttpResponse:
    if _is_script(request):
        reasons = {name or "form": list(errors) for name, errors in form.errors.items()}
        return JsonResponse({"errors": reasons}, status=REFUSED)
    return _page(request, opening, form, status=REFUSED)


def _is_script(request: HttpRequest) -> bool:
    """The page's script asks for JSON: it keeps the chosen file and shows the errors itself."""
    return request.headers.get("Accept") == "application/json"


def _page(
    request: HttpRequest, opening: Job, form: ApplicationForm, status: int = 200
) -> HttpResponse:
    context = {
        "job": opening,
        "form": form,
        "most_bytes": settings.RESUME_BYTES,
        "email_rules": rules_for_page(),
    }
    return render(request, "jobs/apply.html", context, status=status)


def _closed(request: HttpRequest) -> HttpResponse:
    """The response must not reveal whether the opening is closed, confidential or unknown."""
    return render(request, "jobs/apply_closed.html", status=404)


@never_cache
@require_safe
def applied(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the confirmation to a browser that has just sent the form; redirects others.

    Only the e-mail contains the private link: anybody can enter another person's address here.
    """
    if request.get_signed_cookie(SENT, "", max_age=RECEIPT_SECONDS) != str(pk):
        return redirect("job", pk)
    opening = public_openings().filter(pk=pk).first()
    context = {
        "job": opening,
        "sends_mail": bool(settings.EMAIL_HOST) or settings.DEBUG,  # when developing, to files
        "days": CONFIRM_WITHIN.days,
    }
    return render(request, "jobs/applied.html", context)
