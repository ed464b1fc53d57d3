"""E-mails about an account: new passwords, tokens, addresses and places, and lost passwords.

They ignore preferences and quiet hours: the person must learn at once of what they did not do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.formats import date_format
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from interview.models import Delivery
from interview.notifications import wakeup
from interview.notifications.email.templates import TEMPLATES, EmailContent
from realtime.models import ApiToken, SignIn

CHANNEL = "email"
VALID_FOR = timedelta(days=3)
TOKEN_WARNING = timedelta(days=7)
"""How long before its end the owner of an API token is told."""
EVENTS = frozenset({Delivery.Event.ACCOUNT, Delivery.Event.PASSWORD_RESET})


class AccountChange(StrEnum):
    """Changes of an account that its owner is told of."""

    PASSWORD_CHANGED = auto()
    TOKEN_CREATED = auto()
    TOKEN_EXPIRES = auto()
    EMAIL_CHANGED = auto()
    NEW_PLACE = auto()


def account_notify(user: User, change: AccountChange, *, address: str = "", **facts: Any) -> None:
    """Sends a notice to this person's address, in the transaction of the change.

    address: sends it there instead: the earlier address, when it has been changed
    """
    if address or user.email:
        recipient = {"address": address} if address else {}
        _plan(user, Delivery.Event.ACCOUNT, VALID_FOR, {"change": change, **recipient, **facts})


def token_warnings_send(since: datetime, until: datetime) -> int:
    """Tells owners of the API tokens whose last TOKEN_WARNING begins in this window, end included.

    Returns how many tokens these are.
    """
    ends = (since + TOKEN_WARNING, until + TOKEN_WARNING)
    tokens = ApiToken.objects.filter(
        expires_at__gt=ends[0], expires_at__lte=ends[1], user__is_active=True
    )
    for token in (found := list(tokens.select_related("user").order_by("pk"))):
        facts = {"token": token.name, "ends_at": token.ends_at.isoformat()}
        account_notify(token.user, AccountChange.TOKEN_EXPIRES, **facts)
    return len(found)


def reset_link_send(user: User) -> None:
    """Sends the link to set a new password. It is created when the message is sent."""
    valid_for = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    _plan(user, Delivery.Event.PASSWORD_RESET, valid_for, {})


def _plan(user: User, event: Delivery.Event, valid_for: timedelta, facts: dict[str, Any]) -> None:
    now = timezone.now()
    Delivery.objects.create(
        channel=CHANNEL,
        event=event,
        person=user,
        facts=facts,
        priority=Delivery.Priority.DAY_OF,
        due_at=now,
        expires_at=now + valid_for,
        idempotency_key=f"{event}:{uuid4()}",
    )
    wakeup.request_delivery({CHANNEL})


def address_of(delivery: Delivery) -> str:
    """The address of the notice; "" for a deactivated account."""
    person = delivery.person
    if person is None or not person.is_active:
        return ""
    return str(delivery.facts.get("address") or person.email)


def notice_email(delivery: Delivery) -> EmailContent:
    return NOTICES[delivery.facts["change"]](delivery)


def reset_email(delivery: Delivery) -> EmailContent:
    person = _person(delivery)
    parts = (
        urlsafe_base64_encode(force_bytes(person.pk)),
        default_token_generator.make_token(person),
    )
    return EmailContent(
        subject=_("Set a new password for Recruit Live"),
        text=_("Somebody, probably you, asked to set a new password for your account."),
        facts=[(_("User name"), person.get_username())],
        link=(
            _("Set a new password"),
            settings.SITE_URL + reverse("password_reset_confirm", args=parts),
        ),
        note=_(
            "The link works once, for {hours} hours. If you did not ask for it, ignore this"
            " e-mail: your password stays as it is."
        ).format(hours=settings.PASSWORD_RESET_TIMEOUT // 3600),
    )


def _password_changed(delivery: Delivery) -> EmailContent:
    return _notice(
        delivery,
        _("Your password was changed"),
        _("The password of your account was changed. All other devices were signed out."),
    )


def _token_created(delivery: Delivery) -> EmailContent:
    return _notice(
        delivery,
        _("An API token was created"),
        _("A new API token gives programs access to your account."),
        link=(_("Open your API tokens"), settings.SITE_URL + reverse("api_tokens")),
    )


def _token_expires(delivery: Delivery) -> EmailContent:
    ends_at = timezone.localtime(datetime.fromisoformat(delivery.facts["ends_at"]))
    return EmailContent(
        subject=_("An API token expires soon"),
        text=_("Programs that use this token then lose access. Create a new one before."),
        facts=[
            (_("User name"), _person(delivery).get_username()),
            (_("Token"), delivery.facts["token"]),
            (_("Expires"), date_format(ends_at, "DATETIME_FORMAT")),
        ],
        link=(_("Open your API tokens"), settings.SITE_URL + reverse("api_tokens")),
    )


def _email_changed(delivery: Delivery) -> EmailContent:
    return _notice(
        delivery,
        _("Your e-mail address was changed"),
        _("Messages about your account now go to another address than before."),
    )


def _new_place(delivery: Delivery) -> EmailContent:
    sign_in = SignIn.objects.filter(pk=delivery.facts["sign_in"]).first()
    facts = [] if sign_in is None else [(_("Browser"), sign_in.browser)]
    facts += [] if sign_in is None else [(_("Address"), sign_in.address or "")]
    return _notice(
        delivery,
        _("Sign-in from a new place"),
        _("Your account was used to sign in from a network where you have not been lately."),
        facts=[fact for fact in facts if fact[1]],
        link=(_("Open your sign-ins"), settings.SITE_URL + reverse("sign_ins")),
    )


def _notice(
    delivery: Delivery,
    subject: str,
    text: str,
    *,
    facts: list[tuple[str, str]] | None = None,
    link: tuple[str, str] | None = None,
) -> EmailContent:
    when = date_format(timezone.localtime(delivery.created_at), "DATETIME_FORMAT")
    zone = timezone.get_current_timezone_name()
    account = [(_("User name"), _person(delivery).get_username()), (_("Time"), f"{when} ({zone})")]
    return EmailContent(
        subject=subject,
        text=text,
        facts=[*account, *(facts or [])],
        link=link or (_("Open your settings"), settings.SITE_URL + reverse("personal_settings")),
        note=_("If this was not you, change your password at once and tell an administrator."),
    )


def _person(delivery: Delivery) -> User:
    assert delivery.person is not None, "the event belongs to a person"
    return delivery.person


NOTICES: dict[str, Callable[[Delivery], EmailContent]] = {
    AccountChange.PASSWORD_CHANGED: _password_changed,
    AccountChange.TOKEN_CREATED: _token_created,
    AccountChange.TOKEN_EXPIRES: _token_expires,
    AccountChange.EMAIL_CHANGED: _email_changed,
    AccountChange.NEW_PLACE: _new_place,
}
TEMPLATES[Delivery.Event.ACCOUNT] = notice_email
TEMPLATES[Delivery.Event.PASSWORD_RESET] = reset_email
