"""One's own settings: language, clock, what one is told and when, the password. Nobody else's."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from interview.models import NoticeSettings
from interview.notifications.in_app import language_of
from interview.notifications.policy import mailed_by_default
from interview.services import notice_settings_save
from interview.views.request_helpers import person
from jobs.languages import language_choose, set_language_cookie
from realtime.http.rate_limits import is_post, rate_limited

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PersonalForm(forms.Form):
    """In which language, on whose clock, by what, not when."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Type part of a city's name, such as Berlin. Empty: interviews are told in the zone "
            "of their campaign, and all else in that of your computer."
        ),
    )
    mailed = forms.MultipleChoiceField(
        label=_("Send me an e-mail as well when"),
        choices=NoticeSettings.Subject.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=CLOCK, required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=CLOCK, required=False)

    def __init__(self, user: User, data: Any = None) -> None:
        chosen = NoticeSettings.objects.filter(user=user).first() or NoticeSettings(user=user)
        wanted = mailed_by_default() if chosen.mailed is None else chosen.mailed
        fields = ("quiet_from", "quiet_until", "time_zone")
        initial = {name: getattr(chosen, name) for name in fields}
        super().__init__(data, initial=initial | {"mailed": wanted, "language": language_of(user)})
        languages: Any = self.fields["language"]
        languages.choices = [(code, translation.get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]  # fmt: skip  # noqa: E501

    @property
    def zones(self) -> list[str]:
        """What the field proposes: places, and none of the old abbreviations."""
        return sorted(zone for zone in available_timezones() if "/" in zone)

    def save(self, user: User) -> bool:
        """Keep all of it or nothing; a refusal becomes an error of its field."""
        chosen = dict(self.cleaned_data)
        language = chosen.pop("language")
        try:
            with transaction.atomic():
                notice_settings_save(user=user, **chosen)
                if language:
                    language_choose(user=user, language=language)
        except ValidationError as refusal:
            self.add_error(None, refusal)
        return not self.errors


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the settings, or keep what was chosen; a refusal shows the reasons."""
    user = person(request)
    form = PersonalForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save(user):
        return _kept(request, form.cleaned_data["language"] or language_of(user))
    context = {"form": form, "address": user.email}
    return render(request, "personal/settings.html", context, status=400 if form.errors else 200)


def _kept(request: HttpRequest, language: str) -> HttpResponse:
    """Said in the language that was just chosen."""
    with translation.override(language):
        messages.success(request, gettext("Kept. It holds from now on."))
    response = redirect("personal_settings")
    set_language_cookie(response, language)
    return response


@method_decorator(rate_limited("sign_in", when=is_post), name="dispatch")
class ChangePassword(PasswordChangeView):
    """Asks for the old one; every other visit of this person's ends with it."""

    template_name = "personal/password.html"
    success_url = reverse_lazy("personal_settings")

    def form_invalid(self, form: Any) -> HttpResponse:
        """A refusal, for programs too."""
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(
            self.request, gettext("Your password is changed. Your other visits have ended.")
        )
        return response
