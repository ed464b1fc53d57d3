"""Asks for the password again before sensitive actions: exports, anonymising, new API tokens.

    if prompt := password_prompt(request):
        return prompt

The prompt is a form that sends the same request once more, with the password. A sign-in counts as
a confirmation, which lasts CONFIRM_PASSWORD_AGE. Wrong passwords count towards the lockout like
those of the sign-in page, because the same authentication backends check them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, authenticate
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from realtime.http.rate_limits import seconds_to_wait, subject_of, too_many_requests

FIELD, SHOWS_PAGE = "confirm_password", "confirm_page"
"""The form's own fields: the password, and whether it stands in place of a page, not an action."""
SESSION_KEY = "confirmed_at"
NOT_REPEATED = {FIELD, SHOWS_PAGE, "csrfmiddlewaretoken"}

password_confirmed = Signal()
"""Sent with `request` and `user` when a signed-in person has given their password again."""


def password_prompt(request: HttpRequest) -> HttpResponse | None:
    """Returns the response to send instead of acting; None if the password was confirmed lately.

    The caller has checked that the person may act at all. Files of the request would be lost.
    """
    if is_confirmed(request):
        return None
    if request.method == "POST" and FIELD in request.POST:
        if wait := seconds_to_wait(subject_of(request), "sign_in"):
            return too_many_requests(request, wait)
        if password_is_right(request, request.POST[FIELD]):
            return _continue(request)
        return locked_out(request) or _form(request, is_wrong=True)
    return _form(request, is_wrong=False)


def _continue(request: HttpRequest) -> HttpResponse | None:
    """Shows the page that the form stood in place of, or lets the caller act on the request."""
    if SHOWS_PAGE in request.POST:
        return redirect(request.get_full_path())
    fields = request.POST.copy()
    del fields[FIELD]
    request.POST = fields  # type: ignore[assignment]  # the caller gets what it would without us
    return None


def is_confirmed(request: HttpRequest) -> bool:
    """Whether the password was given less than CONFIRM_PASSWORD_AGE ago, in this session."""
    age: float = timezone.now().timestamp() - request.session.get(SESSION_KEY, 0)
    return age < settings.CONFIRM_PASSWORD_AGE.total_seconds()


@sensitive_variables("password")
def password_is_right(request: HttpRequest, password: str) -> bool:
    """Checks the password of the signed-in person; a right one confirms the session.

    A wrong one counts towards the lockout; `locked_out` tells whether that was reached.
    """
    user = cast(User, request.user)
    found = authenticate(request, username=user.get_username(), password=password)
    if found is None or found.pk != user.pk:
        return False
    request.session[SESSION_KEY] = timezone.now().timestamp()
    # The check may have stored the same password with a stronger hash, which ends older sessions.
    request.session[HASH_SESSION_KEY] = found.get_session_auth_hash()
    password_confirmed.send(sender=User, request=request, user=found)
    return True


def locked_out(request: HttpRequest) -> HttpResponse | None:
    """Returns the page of a locked account, if the last check found that it is locked."""
    wait = getattr(request, "seconds_locked_out", 0)
    return too_many_requests(request, wait, template="registration/locked.html") if wait else None


@receiver(user_logged_in)
def _confirm_at_sign_in(sender: type[User], request: HttpRequest, **kwargs: object) -> None:
    request.session[SESSION_KEY] = timezone.now().timestamp()


def _form(request: HttpRequest, *, is_wrong: bool) -> HttpResponse:
    repeated = list(_repeated(request))
    if request.method != "POST" or SHOWS_PAGE in request.POST:
        repeated = [(SHOWS_PAGE, "yes")]
    context = {"repeated": repeated, "is_wrong": is_wrong, "field": FIELD}
    response = render(request, "accounts/confirm_password.html", context, status=403)
    response["Cache-Control"] = "no-store"
    return response


def _repeated(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The fields of the request, which the form sends once more."""
    for name, values in request.POST.lists():
        if name not in NOT_REPEATED:
            yield from ((name, value) for value in values)
