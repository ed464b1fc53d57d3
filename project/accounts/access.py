"""Ends the access that somebody may have gained with a password, once it has been changed."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from interview.services import calendar_close
from project.accounts.sign_ins import sign_ins_end
from realtime.http.tokens import api_tokens_revoke_all


@transaction.atomic
def access_end(
    *, user: User, keep: str | None = None, with_tokens: bool = False, with_calendar: bool = False
) -> None:
    """Ends this person's sessions and all their sockets, on request tokens and calendar too.

    keep: key of the session that stays, of the person who changed their own password
    """
    sign_ins_end(user=user, keep=keep)
    if with_tokens:
        api_tokens_revoke_all(user=user)
    if with_calendar:
        calendar_close(user=user)
