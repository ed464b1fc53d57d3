"""Notification settings of one person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time

from django.contrib.auth.models import User
from django.db import transaction

from interview.models import NoticeSettings


@transaction.atomic
def notice_settings_save(
    *,
    user: User,
    time_zone: str,
    quiet_from: time | None,
    quiet_until: time | None,
    mailed: Collection[str],
) -> NoticeSettings:
    """Save the settings. They apply to notices and messages created from now on.

    mailed: subjects sent by e-mail too. Raises ValidationError by field for an unknown time zone or
    subject, and for quiet hours without a start or an end.
    """
    chosen, _created = NoticeSettings.objects.select_for_update().get_or_create(user=user)
    chosen.time_zone, chosen.mailed = time_zone, sorted(set(mailed))
    chosen.quiet_from, chosen.quiet_until = quiet_from, quiet_until
    chosen.full_clean()
    chosen.save()
    return chosen
