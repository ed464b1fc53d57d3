"""What one is told, when and how: one's own settings, and nobody else's."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from interview.delivery.manners import mailed_by_default
from interview.models import NoticeSettings
from interview.services import notice_settings_save
from interview.views.asking import person

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class NoticeSettingsForm(forms.Form):
    """Three questions: by what, not when, on whose clock."""

    mailed = forms.MultipleChoiceField(
        label=_("Send me an e-mail as well when"),
        choices=NoticeSettings.Subject.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=CLOCK, required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), widget=CLOCK, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, user: User, data: Any = None) -> None:
        chosen = NoticeSettings.objects.filter(user=user).first() or NoticeSettings(user=user)
        wanted = mailed_by_default() if chosen.mailed is None else chosen.mailed
        fields = ("quiet_from", "quiet_until", "time_zone")
        super().__init__(
            data, initial={name: getattr(chosen, name) for name in fields} | {"mailed": wanted}
        )
        zones = sorted(zone for zone in available_timezones() if "/" in zone)
        here: Any = self.fields["time_zone"]
        here.choices = [("", _("That of the campaign")), *((zone, zone) for zone in zones)]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show the settings, or keep what was chosen; a refusal shows the reasons."""
    user = person(request)
    form = NoticeSettingsForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_kept(form, user):
        messages.success(request, _("Kept. It holds for what you are told from now on."))
        return redirect("notice_settings")
    context = {"form": form, "address": user.email}
    return render(
        request, "interview/notice_settings.html", context, status=400 if form.errors else 200
    )


def _is_kept(form: NoticeSettingsForm, user: User) -> bool:
    try:
        notice_settings_save(user=user, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    return not form.errors
