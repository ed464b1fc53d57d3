"""Personal API tokens. The database stores only a digest of each token.

Created and revoked on the account page; DRF authenticates with DigestAuthentication, which also
checks the scope. The scope `operations` is checked where the data of the whole site is chosen.
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
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from monitoring import audit
from realtime.models import ApiToken

Scope = ApiToken.Scope
MAX_TOKENS = 20
LIFETIMES_DAYS = (30, 90, 365)
LAST_USED_RESOLUTION = timedelta(minutes=5)  # so that not every request writes to the database


def register() -> None:
    """Audits the creation and revocation of tokens; only superusers see these entries."""
    audit.track(ApiToken, visible_to=lambda user: ApiToken.objects.none())


def digest_of(key: str) -> str:
    """SHA-256 of a key. Needs no salt: keys are long and random, so they cannot be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def api_token_create(
    *, user: User, name: str, scope: str = Scope.WRITE, days: int = LIFETIMES_DAYS[0]
) -> str:
    """Creates a token and returns its key, which cannot be shown again.

    days: one of LIFETIMES_DAYS, after which it is refused
    Raises ValidationError by field: on `name` if it is empty or too long, or if the user has
    MAX_TOKENS; on `scope` and `days` if they are none of the choices.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two concurrent calls could exceed the limit
    if ApiToken.objects.filter(user=user).count() >= MAX_TOKENS:
        refusal = _("You have %(number)d tokens. Revoke one first.") % {"number": MAX_TOKENS}
        raise ValidationError({"name": refusal})
    if days not in LIFETIMES_DAYS:
        raise ValidationError({"days": _("Choose one of the listed periods.")})
    key = secrets.token_hex(20)
    expires_at = timezone.now() + timedelta(days=days)
    token = ApiToken(
        user=user, name=name.strip(), digest=digest_of(key), scope=scope, expires_at=expires_at
    )
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


@transaction.atomic
def api_tokens_revoke_all(*, user: User) -> int:
    """Deletes all tokens of this user. Returns their number."""
    return ApiToken.objects.filter(user=user).delete()[0]


class DigestAuthentication(TokenAuthentication):
    """Authenticates `Authorization: Token …` by the digest of the key.

    A token with the scope `read` may only read. A view that changes nothing on POST says so with
    `reads_by_post = True`.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        if token.scope == Scope.READ and not _only_reads(request):
            raise PermissionDenied(_("This token may only read. Use one that may change data."))
        return user, token

    def authenticate_credentials(self, key: str) -> tuple[User, ApiToken]:
        found = ApiToken.objects.select_related("user").filter(digest=digest_of(key)).first()
        if found is None:
            raise AuthenticationFailed(_("Invalid token."))
        if found.is_expired:
            raise AuthenticationFailed(_("This token has expired. Create a new one."))
        if not found.user.is_active:
            raise AuthenticationFailed(_("This account is closed."))
        _update_last_used(found)
        user: Any = found.user
        return user, found


def _only_reads(request: Request) -> bool:
    view = (request.parser_context or {}).get("view")
    return request.method in SAFE_METHODS or getattr(view, "reads_by_post", False)


def allows_operations(request: Request) -> bool:
    """Whether the request may use its user's rights over the whole site, such as others' tasks.

    True without a token: the limits of a session are those of its user.
    """
    token = request.auth
    return not isinstance(token, ApiToken) or token.scope == Scope.OPERATIONS


def _update_last_used(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_RESOLUTION:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
