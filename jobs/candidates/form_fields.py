"""The form field for e-mail addresses. All forms in which somebody enters one use it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from jobs.candidates.contacts import InvalidContact, normalize_email
from jobs.candidates.services import contact_problem


class EmailAddressField(forms.CharField):
    """Accepts addresses as people paste them; the value is normalised before it is checked."""

    widget = forms.EmailInput
    allow_local = False

    def to_python(self, value: Any) -> str:
        try:
            return normalize_email(super().to_python(value) or "", allow_local=self.allow_local)
        except InvalidContact as error:
            raise ValidationError(contact_problem(error)) from None


class StaffEmailField(EmailAddressField):
    """Also accepts addresses that only the company's own network knows."""

    allow_local = True
