"""A validator of new passwords that Django does not have. Named in AUTH_PASSWORD_VALIDATORS."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext


class MaximumLengthValidator:
    """Refuses texts so long that hashing them would cost more than it protects (ASVS 2.1.2)."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for a password of more than `max_length` characters."""
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return ngettext(
            "Your password can have at most %(n)d character.",
            "Your password can have at most %(n)d characters.",
            self.max_length,
        ) % {"n": self.max_length}
