"""An applicant's own page: whoever has its address is let in, and sees no more than what concerns
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
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from interview.candidate_portal.status import (
    WORDS,
    Visit,
    greeting_of,
    line_of,
    may_return,
    may_withdraw,
    visits_of,
)
from interview.models import Interview
from interview.notifications.email.candidate_calendar import invitation_of
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
from realtime.http.rate_limits import is_post, rate_limited

REASON_LETTERS = 300
CODE_BORDER = 2  # in modules; the page adds white around it


def for_applicant(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Opens the page of a token, in its campaign's time, and sees to it that the address, which is
    a key, is kept nowhere: by no cache, no search engine, and no page that is linked to.
    """

    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        application = application_for_token(token)
        if application is None:
            raise Http404
        with timezone.override(ZoneInfo(application.job.campaign.time_zone)):
            answer = view(request, application, *args, **kwargs)
        answer["Referrer-Policy"] = "no-referrer"
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    return never_cache(opened)


# Without a referrer browsers send no origin either, so Django could not tell our forms from others:
# nobody else can name this address, which holds the key.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("apply", when=is_post)
@for_applicant
def page(request: HttpRequest, application: Application) -> HttpResponse:
    """How it stands; POST answers an interview, or withdraws; 400 for what it does not know."""
    if request.method == "POST":
        return _answer(request, application)
    chosen = request.GET.get("language", "")
    if is_spoken := chosen in dict(settings.LANGUAGES):
        translation.activate(chosen)
    visits = visits_of(application)
    title, text = WORDS[Application.Stage(application.stage)]
    context = {
        "application": application,
        "name": greeting_of(application),
        "title": title,
        "text": text,
        "line": line_of(application),
        "ahead": [(visit, code_of(visit.interview)) for visit in visits if visit.is_ahead],
        "over": [visit for visit in visits if not visit.is_ahead],
        "may_withdraw": may_withdraw(application),
        "is_over": application.stage in {Application.Stage.WITHDRAWN, Application.Stage.REJECTED},
        "may_return": may_return(application),
        "most_letters": REASON_LETTERS,
        "here": request.path,
    }
    answer = render(request, "interview/candidate_portal.html", context)
    if is_spoken:
        set_language_cookie(answer, chosen)
    return answer


def code_of(interview: Interview) -> SafeString:
    """For the desk: it leads who coordinates, and nobody else, to where one is checked in."""
    address = settings.SITE_URL + reverse("interview", args=[interview.pk])
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(border=CODE_BORDER, omitsize=True, svgclass="code")
    return mark_safe(drawn)


def _answer(request: HttpRequest, application: Application) -> HttpResponse:
    answer = ANSWERS.get(request.POST.get("do", ""))
    if answer is None:
        return render(request, "400.html", status=400)
    try:
        done = answer(request, application)
        messages.success(request, done)
    except StaleVersion:
        messages.warning(request, _("This has just changed. Please look at it again."))
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    return redirect(request.path)


def _confirm(request: HttpRequest, application: Application) -> str:
    visit = _visit(request, application)
    if not visit.may_confirm:
        raise ValidationError(_("This cannot be confirmed any more."))
    interview_confirm(
        interview_id=visit.interview.pk, version=visit.interview.version, actor=CANDIDATE
    )
    return _("Thank you. We look forward to seeing you.")


def _excuse(request: HttpRequest, application: Application) -> str:
    visit, reason = _visit(request, application), _reason(request)
    if not visit.may_be_excused:
        raise ValidationError(_("It is too late to say this here. Please answer our mail."))
    if not reason:
        raise ValidationError(_("Please say why, or when you could come."))
    interview_excuse(
        interview_id=visit.interview.pk,
        version=visit.interview.version,
        reason=reason,
        actor=CANDIDATE,
    )
    return _("Thank you for telling us. We will get in touch with you.")


def _choose(request: HttpRequest, application: Application) -> str:
    visit, asked = _visit(request, application), request.POST.get("time", "")
    chosen = next((one for one in visit.times if str(one.pk) == asked), None)
    if chosen is None:
        raise ValidationError(unavailable_message())
    interview_choose_time(
        interview_id=visit.interview.pk,
        version=visit.interview.version,
        time_id=chosen.pk,
        actor=CANDIDATE,
    )
    return _("Thank you. This is your new time.")


def _withdraw(request: HttpRequest, application: Application) -> str:
    application_withdraw(application=application, reason=_reason(request))
    return _("Your application is withdrawn.")


ANSWERS: dict[str, Callable[[HttpRequest, Application], str]] = {
    "confirm": _confirm,
    "excuse": _excuse,
    "choose": _choose,
    "withdraw": _withdraw,
}


def _reason(request: HttpRequest) -> str:
    """One line of text; what a database cannot keep is left out. Raises ValidationError for one
    that is too long: of a reason cut short he would not know.
    """
    reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())
    if len(reason) > REASON_LETTERS:
        words = _("The reason has %(letters)d letters; at most %(most)d are kept. Nothing is done.")
        raise ValidationError(words % {"letters": len(reason), "most": REASON_LETTERS})
    return reason


def _visit(request: HttpRequest, application: Application) -> Visit:
    """The interview that is meant, in the version that was seen: one of this application."""
    asked: Any = request.POST.get("interview", "")
    for visit in visits_of(application):
        if str(visit.interview.pk) == asked:
            if str(visit.interview.version) != request.POST.get("version"):
                raise StaleVersion(visit.interview)
            return visit
    raise Http404


@require_safe
@for_applicant
def calendar(request: HttpRequest, application: Application, pk: int) -> HttpResponse:
    """One interview for the calendar."""
    interview = get_object_or_404(application.interviews.select_related("room", "campaign"), pk=pk)
    answer = HttpResponse(invitation_of(interview), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="interview.ics"'
    return answer
