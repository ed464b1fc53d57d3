"""Forms that set a password, and the choices that they offer about earlier access."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AdminPasswordChangeForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from interview.models import CalendarFeed
from interview.notifications.email.account_notices import AccountChange, account_notify
from project.accounts.access import access_end
from project.accounts.password_input import NewPasswordInput, PasswordInput
from realtime.http.reauthentication import password_is_right
from realtime.models import ApiToken

CHOSEN = frozenset({"new_password1", "password1"})
"""Fields of a new password, as Django's forms name them; those of its repetition follow."""
REPEATED = frozenset({"new_password2", "password2"})


def password_rules() -> str:
    """Returns the sentence about new passwords: AUTH_PASSWORD_VALIDATORS in words."""
    text = gettext(
        "{least} to {most} characters. Not your name or e-mail address, no common password, and"
        " not only digits."
    )
    return text.format(least=settings.SHORTEST_PASSWORD, most=settings.LONGEST_PASSWORD)


class EndsAccess(forms.Form):
    """Asks whether a new password also ends API tokens and the calendar address, if there are any.

    A mixin of the forms that set a password. `save_and_end` ends all sessions in any case.
    """

    user: User
    revoke_tokens = forms.BooleanField(required=False, initial=True)
    revoke_calendar = forms.BooleanField(
        label=_("Also revoke my calendar address"), required=False, initial=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tokens = ApiToken.objects.filter(user=self.user).count()
        self.fields["revoke_tokens"].label = self.tokens_label(tokens)
        if not tokens:
            del self.fields["revoke_tokens"]
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.PasswordInput):
                field.widget = self._input(name)
            if name in CHOSEN:
                field.help_text = password_rules()
            if name in REPEATED:
                field.label, field.help_text = _("New password again"), ""
        if not CalendarFeed.objects.filter(user=self.user).exists():
            del self.fields["revoke_calendar"]

    def _input(self, name: str) -> PasswordInput:
        if name in CHOSEN:
            return NewPasswordInput(self.user)
        return PasswordInput("current-password" if name == "old_password" else "new-password")

    def validate_password_for_user(
        self,
        user: User,
        password_field_name: str = "password2",  # noqa: S107  # a field's name
    ) -> None:
        """Reports a password that is refused where it is chosen; Django does at its repetition."""
        super().validate_password_for_user(  # type: ignore[misc]  # of the form this is mixed into
            user, password_field_name=password_field_name.replace("2", "1")
        )

    def tokens_label(self, number: int) -> str:
        text = ngettext("Also revoke my %(n)d API token", "Also revoke my %(n)d API tokens", number)
        return text % {"n": number}

    def end_access(self, *, keep: str | None = None) -> None:
        """Ends what the form says, after the password was saved. keep: key of a session."""
        access_end(
            user=self.user,
            keep=keep,
            with_tokens=self.cleaned_data.get("revoke_tokens", False),
            with_calendar=self.cleaned_data.get("revoke_calendar", False),
        )
        account_notify(self.user, AccountChange.PASSWORD_CHANGED)


class OwnPasswordForm(EndsAccess, PasswordChangeForm):
    """The form of a signed-in person. A wrong old password counts towards the lockout."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        given: str = self.cleaned_data["old_password"]
        if not password_is_right(self.request, given):
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return given


class NewPasswordForm(EndsAccess, SetPasswordForm):  # type: ignore[type-arg]
    """The form behind the link of a "forgot password" e-mail."""


class AccountPasswordForm(EndsAccess, AdminPasswordChangeForm):  # type: ignore[type-arg]
    """The admin's form for another person's password. Saving it ends that person's access."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "revoke_calendar" in self.fields:
            self.fields["revoke_calendar"].label = _("Also revoke their calendar address")

    def tokens_label(self, number: int) -> str:
        text = ngettext(
            "Also revoke their %(n)d API token", "Also revoke their %(n)d API tokens", number
        )
        return text % {"n": number}

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 as Django calls it
        user: User = super().save(commit)
        self.end_access()
        return user
