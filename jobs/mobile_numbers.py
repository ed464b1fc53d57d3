"""The mobile number under which coordinators reach a person who signs in."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from jobs.candidates.contacts import InvalidContact, normalize_mobile
from jobs.candidates.services import contact_problem
from jobs.models import PersonalSettings


@transaction.atomic
def mobile_save(*, user: User, mobile: str, language: str) -> None:
    """Stores this person's number in E.164, or removes it if the text is empty.

    language: of the settings, if the person has none yet. Raises ValidationError on `mobile`.
    """
    try:
        number = normalize_mobile(mobile)
    except InvalidContact as error:
        raise ValidationError({"mobile": contact_problem(error)}) from None
    saved, _is_new = PersonalSettings.objects.get_or_create(
        user=user, defaults={"language": language}
    )
    saved.mobile = number
    saved.save(update_fields=["mobile"])


def mobile_numbers(users: Collection[int]) -> dict[int, str]:
    """Returns the numbers of these people by user id, of those who have given one."""
    given = PersonalSettings.objects.filter(user__in=users).exclude(mobile="")
    return dict(given.values_list("user_id", "mobile"))
