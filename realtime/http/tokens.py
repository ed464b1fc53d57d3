"""Personal API tokens. The database stores only a digest of each token.

Created and revoked on the account page; DRF authenticates with DigestAuthentication.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from monitoring import audit
from realtime.models import ApiToken

MAX_TOKENS = 20
LAST_USED_RESOLUTION = timedelta(minutes=5)  # so that not every request writes to the database


def register() -> None:
    """Audits the creation and revocation of tokens; only superusers see these entries."""
    audit.track(ApiToken, visible_to=lambda user: ApiToken.objects.none())


def digest_of(key: str) -> str:
    """SHA-256 of a key. Needs no salt: keys are long and random, so they cannot be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def api_token_create(*, user: User, name: str) -> str:
    """Creates a token and returns its key, which cannot be shown again.

    Raises ValidationError on `name` if it is empty or too long, or if the user has MAX_TOKENS.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two concurrent calls could exceed the limit
    if ApiToken.objects.filter(user=user).count() >= MAX_TOKENS:
        refusal = _("You have %(number)d tokens. Revoke one first.") % {"number": MAX_TOKENS}
        raise ValidationError({"name": refusal})
    key = secrets.token_hex(20)
    token = ApiToken(user=user, name=name.strip(), digest=digest_of(key))
    token.full_clean()
    token.save()
    return key


@transaction.atomic
def api_token_revoke(*, user: User, token_id: int) -> bool:
    """Deletes a token of this user. Returns whether it existed."""
    found = ApiToken.objects.filter(user=user, pk=token_id).first()
    if found is not None:
        found.delete()
    return found is not None


class DigestAuthentication(TokenAuthentication):
    """Authenticates `Authorization: Token …` by the digest of the key."""

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        found = ApiToken.objects.select_related("user").filter(digest=digest_of(key)).first()
        if found is None:
            raise AuthenticationFailed(_("Invalid token."))
        if not found.user.is_active:
            raise AuthenticationFailed(_("This account is closed."))
        _update_last_used(found)
        user: Any = found.user
        return user, found


def _update_last_used(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_RESOLUTION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
