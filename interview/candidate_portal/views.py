"""The candidate portal: the private page of one application.

The token in the address is the only credential (a capability URL). The page shows nothing beyond
this one application.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from interview.candidate_portal.personal_data import personal_data
from interview.candidate_portal.privacy import private_address
from interview.candidate_portal.status import (
    STAGE_TEXTS,
    CandidateInterview,
    greeting_of,
    interviews_of,
    latest_erasure_request,
    may_return,
    may_withdraw,
    progress_of,
)
from interview.models import Interview
from interview.notifications.email.candidate_calendar import calendar_file
from interview.services import (
    StaleVersion,
    application_withdraw,
    interview_choose_time,
    interview_confirm,
    interview_excuse,
)
from interview.services.application_withdrawal import CANDIDATE
from interview.services.offered_times import unavailable_message
from jobs.applications.links import application_for_token
from jobs.languages import set_language_cookie
from jobs.models import Application
from jobs.privacy.erasure_requests import erasure_request_cancel, erasure_request_create
from realtime.http.rate_limits import is_post, rate_limited

MAX_REASON_LENGTH = 300
QR_BORDER = 2  # in modules; less than the standard's 4, since the page adds a white margin


def candidate_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator that resolves the token to an application, in the campaign's time zone.

    The view is called with the application instead of the token. Raises Http404 for an unknown
    token.
    """

    @private_address
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        application = application_for_token(token)
        if application is None:
            raise Http404
        with timezone.override(ZoneInfo(application.job.campaign.time_zone)):
            return view(request, application, *args, **kwargs)

    return opened


# Exempt because "no-referrer" makes browsers omit the Origin, which Django's CSRF check needs. The
# secret token in the address protects the form instead: another site cannot know it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("apply", when=is_post)
@candidate_page
def page(request: HttpRequest, application: Application) -> HttpResponse:
    """Shows the application. POST performs one of ACTIONS; an unknown one answers 400."""
    if request.method == "POST":
        return _perform(request, application)
    chosen = request.GET.get("language", "")
    if is_known_language := chosen in dict(settings.LANGUAGES):
        translation.activate(chosen)
    shown = interviews_of(application)
    title, text = STAGE_TEXTS[Application.Stage(application.stage)]
    context = {
        "application": application,
        "name": greeting_of(application),
        "title": title,
        "text": text,
        "progress": progress_of(application),
        "upcoming": [(entry, check_in_code(entry.interview)) for entry in shown if entry.is_ahead],
        "past": [entry for entry in shown if not entry.is_ahead],
        "may_withdraw": may_withdraw(application),
        "is_over": application.stage in {Application.Stage.WITHDRAWN, Application.Stage.REJECTED},
        "may_return": may_return(application),
        "erasure": latest_erasure_request(application),
        "max_reason_length": MAX_REASON_LENGTH,
        "here": request.path,
    }
    answer = render(request, "interview/candidate_portal.html", context)
    if is_known_language:
        set_language_cookie(answer, chosen)
    return answer


def check_in_code(interview: Interview) -> SafeString:
    """Returns an inline SVG QR code for the desk: the address of the interview page.

    The page requires a signed-in coordinator, so the code reveals nothing to others.
    """
    address = settings.SITE_URL + reverse("interview", args=[interview.pk])
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=QR_BORDER, omitsize=True, svgclass="code")
    return mark_safe(drawn)  # noqa: S308  # drawn by segno from an address of ours


def _perform(request: HttpRequest, application: Application) -> HttpResponse:
    action = ACTIONS.get(request.POST.get("do", ""))
    if action is None:
        return render(request, "400.html", status=400)
    try:
        messages.success(request, action(request, application))
    except StaleVersion:
        messages.warning(request, _("This page has just changed. Please check it and try again."))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    return redirect(request.path)


def _confirm(request: HttpRequest, application: Application) -> str:
    entry = _posted_interview(request, application)
    if not entry.may_confirm:
        raise ValidationError(_("This interview can no longer be confirmed."))
    interview_confirm(
        interview_id=entry.interview.pk, version=entry.interview.version, actor=CANDIDATE
    )
    return _("Thank you. We look forward to seeing you.")


def _excuse(request: HttpRequest, application: Application) -> str:
    entry, reason = _posted_interview(request, application), _reason(request)
    if not entry.may_be_excused:
        raise ValidationError(_("It is too late to cancel here. Please reply to our e-mail."))
    if not reason:
        raise ValidationError(_("Please say why, or when you could come."))
    interview_excuse(
        interview_id=entry.interview.pk,
        version=entry.interview.version,
        reason=reason,
        actor=CANDIDATE,
    )
    return _("Thank you for letting us know. We will contact you.")


def _choose(request: HttpRequest, application: Application) -> str:
    entry, asked = _posted_interview(request, application), request.POST.get("time", "")
    chosen = next((one for one in entry.times if str(one.pk) == asked), None)
    if chosen is None:
        raise ValidationError(unavailable_message())
    interview_choose_time(
        interview_id=entry.interview.pk,
        version=entry.interview.version,
        time_id=chosen.pk,
        actor=CANDIDATE,
    )
    return _("Thank you. This is your new time.")


def _withdraw(request: HttpRequest, application: Application) -> str:
    application_withdraw(application=application, reason=_reason(request))
    return _("You have withdrawn your application.")


def _ask_for_erasure(request: HttpRequest, application: Application) -> str:
    if request.POST.get("sure") != "on":
        raise ValidationError(_("Tick the box to ask for erasure."))
    erasure_request_create(application=application)
    return _("We have received your request.")


def _keep_data(request: HttpRequest, application: Application) -> str:
    erasure_request_cancel(application=application)
    return _("You have taken your request back. Your data are kept.")


ACTIONS: dict[str, Callable[[HttpRequest, Application], str]] = {
    "confirm": _confirm,
    "excuse": _excuse,
    "choose": _choose,
    "withdraw": _withdraw,
    "erase": _ask_for_erasure,
    "keep": _keep_data,
}


def _reason(request: HttpRequest) -> str:
    """Returns the posted reason on one line, without NUL characters, which PostgreSQL rejects.

    Raises ValidationError if it is too long: cutting it would lose text without telling the
    candidate.
    """
    reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())
    if len(reason) > MAX_REASON_LENGTH:
        text = _("Your reason has %(length)d characters. Shorten it to %(limit)d or fewer.")
        raise ValidationError(text % {"length": len(reason), "limit": MAX_REASON_LENGTH})
    return reason


def _posted_interview(request: HttpRequest, application: Application) -> CandidateInterview:
    """Returns the posted interview, which must belong to the application.

    Raises Http404 if it does not, and StaleVersion if the candidate saw an older version.
    """
    asked: Any = request.POST.get("interview", "")
    for entry in interviews_of(application):
        if str(entry.interview.pk) == asked:
            if str(entry.interview.version) != request.POST.get("version"):
                raise StaleVersion(entry.interview)
            return entry
    raise Http404


@require_safe
@candidate_page
def calendar(request: HttpRequest, application: Application, pk: int) -> HttpResponse:
    """Answers one interview as an iCalendar file."""
    interview = get_object_or_404(application.interviews.select_related("room", "campaign"), pk=pk)
    answer = HttpResponse(calendar_file(interview), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="interview.ics"'
    return answer


@require_safe
@rate_limited("resume")
@candidate_page
def data_file(request: HttpRequest, application: Application) -> HttpResponse:
    """Answers what is stored about the candidate, as a JSON file."""
    answer = JsonResponse(
        personal_data(application), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer
