"""The form that creates an API token, with the password of its owner."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from interview.notifications.email.account_notices import AccountChange, account_notify
from interview.views.request_helpers import signed_in_user
from project.accounts.password_input import PasswordInput
from realtime.http.reauthentication import password_is_right
from realtime.http.tokens import LIFETIMES_DAYS, api_token_create
from realtime.models import ApiToken


class TokenForm(forms.Form):
    """Purpose, scope and life of a new token, and the password of its owner."""

    name = forms.CharField(
        label=_("Purpose"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("May"), choices=ApiToken.Scope.choices, initial=ApiToken.Scope.READ
    )
    days = forms.TypedChoiceField(label=_("Expires after"), coerce=int, initial=90)
    password = forms.CharField(
        label=_("Your password"), strip=False, widget=PasswordInput("current-password")
    )

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request
        days: Any = self.fields["days"]
        days.choices = [
            (number, ngettext("%(n)d day", "%(n)d days", number) % {"n": number})
            for number in LIFETIMES_DAYS
        ]

    def clean_password(self) -> str:
        given: str = self.cleaned_data["password"]
        if not password_is_right(self.request, given):
            raise ValidationError(_("This is not your password."))
        return given

    def save(self) -> str:
        """Create the token and return its key; "", and errors in the form, if it is refused."""
        values = self.cleaned_data
        try:
            with transaction.atomic():
                user = signed_in_user(self.request)
                key = api_token_create(
                    user=user, name=values["name"], scope=values["scope"], days=values["days"]
                )
                account_notify(user, AccountChange.TOKEN_CREATED)
        except ValidationError as error:
            self.add_error(None, error)
            return ""
        return key
