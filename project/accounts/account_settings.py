"""The page on which people change their own settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from interview.models import NoticeSettings
from interview.notifications.email.preferences import default_subjects
from interview.notifications.texts import language_of
from interview.services import notice_settings_save
from interview.views.request_helpers import signed_in_user
from jobs.languages import language_choose, set_language_cookie
from jobs.mobile_numbers import mobile_numbers, mobile_save

TIME_INPUT = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class AccountSettingsForm(forms.Form):
    """Language, time zone, mobile number, notices that are also sent by e-mail, and quiet hours."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Type part of a city name, such as Berlin. If empty, interviews are shown in the time "
            "zone of their campaign, everything else in that of your computer."
        ),
    )
    mobile = forms.CharField(
        label=_("Mobile number"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        help_text=_("Coordinators of your interviews can call you on the day."),
    )
    mailed = forms.MultipleChoiceField(
        label=_("Send me an e-mail as well when"),
        choices=NoticeSettings.Subject.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=TIME_INPUT, required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=TIME_INPUT, required=False)

    def __init__(self, user: User, data: Any = None) -> None:
        saved = NoticeSettings.objects.filter(user=user).first() or NoticeSettings(user=user)
        mailed = default_subjects() if saved.mailed is None else saved.mailed
        fields = ("quiet_from", "quiet_until", "time_zone")
        initial = {name: getattr(saved, name) for name in fields}
        initial |= {"mailed": mailed, "language": language_of(user)}
        initial |= {"mobile": mobile_numbers([user.pk]).get(user.pk, "")}
        super().__init__(data, initial=initial)
        language: Any = self.fields["language"]
        language.choices = [
            (code, translation.get_language_info(code)["name_local"])
            for code, _name in settings.LANGUAGES
        ]

    @property
    def zones(self) -> list[str]:
        """Suggestions for the time zone field: Region/City names, without old abbreviations."""
        return sorted(zone for zone in available_timezones() if "/" in zone)

    def save(self, user: User) -> bool:
        """Save all settings or none; return False and add errors to the form if one is refused."""
        values = dict(self.cleaned_data)
        language, mobile = values.pop("language"), values.pop("mobile")
        try:
            with transaction.atomic():
                notice_settings_save(user=user, **values)
                if language:
                    language_choose(user=user, language=language)
                mobile_save(user=user, mobile=mobile, language=language or language_of(user))
        except ValidationError as error:
            self.add_error(None, error)
        return not self.errors


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the settings form, or save it."""
    user = signed_in_user(request)
    form = AccountSettingsForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save(user):
        return _saved(request, form.cleaned_data["language"] or language_of(user))
    context = {"form": form, "address": user.email}
    return render(request, "accounts/settings.html", context, status=400 if form.errors else 200)


def _saved(request: HttpRequest, language: str) -> HttpResponse:
    """Redirect with a message in the newly chosen language."""
    with translation.override(language):
        messages.success(request, gettext("Settings saved."))
    response = redirect("personal_settings")
    set_language_cookie(response, language)
    return response
