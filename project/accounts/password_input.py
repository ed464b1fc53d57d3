"""Input fields of passwords. `password-field.js` adds to them: a button that shows the text, and
a meter of the strength of a new one.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

SIMILAR_TO = ("username", "first_name", "last_name", "email")


class PasswordInput(forms.PasswordInput):
    """autocomplete: "current-password" or "new-password"."""

    def __init__(self, autocomplete: str = "current-password", **attributes: Any) -> None:
        super().__init__(
            {
                "autocomplete": autocomplete,
                "data-show": pgettext_lazy("password", "Show"),
                "data-hide": pgettext_lazy("password", "Hide"),
                **attributes,
            }
        )


class NewPasswordInput(PasswordInput):
    """For a new password of this user, whose names are too easy to guess."""

    def __init__(self, user: User) -> None:
        super().__init__("new-password")
        self.user = user

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        rules = {
            "least": settings.SHORTEST_PASSWORD,
            "similar": [one for field in SIMILAR_TO if (one := getattr(self.user, field))],
            "texts": {
                "short": _("At least %(n)d characters") % {"n": settings.SHORTEST_PASSWORD},
                "digits": _("Not only digits"),
                "similar": _("Too similar to your name or e-mail address"),
                "weak": _("Weak: make it longer or less regular"),
                "fair": _("Fair"),
                "strong": _("Strong"),
            },
        }
        return super().get_context(name, value, {**attrs, "data-strength": json.dumps(rules)})
