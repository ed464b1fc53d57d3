"""Sign-ins: recorded failures, limits of a session, the list of devices, and new places."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from interview.models import Delivery
from interview.notifications.email.message import build_email
from monitoring.audit.models import AuditEntry
from realtime.hub.admission import JoinRequest, decide
from realtime.log import topics
from realtime.models import SignIn
from realtime.protocol.close_codes import CloseCode
from realtime.retention import KEEP_SIGN_INS_FOR, trim_sessions
from tests.people import PASSWORD, signed_in
from tests.support.product.clock import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]

LOGIN = "/accounts/login/"
PAGE = "/me/sign-ins/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address, headers={"User-Agent": FIREFOX})


def guess(client: Client, name: str, typed: str = "guessed") -> int:
    return client.post(LOGIN, {"username": name, "password": typed}).status_code


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("personal_settings")).status_code == 200


def test_failures_at_many_addresses_lock_the_account_at_every_address(
    wu: User, zhao: User, settings: Settings
) -> None:
    settings.SIGN_IN_FAILURES_PER_ACCOUNT = 6
    statuses = [guess(at(f"10.0.0.{number}"), "wu") for number in range(8)]
    assert statuses == [200] * 5 + [429] * 3
    assert guess(at("10.9.9.9"), "wu", PASSWORD) == 429
    assert guess(at("10.9.9.9"), "zhao", PASSWORD) == 302


def test_by_default_an_account_allows_100_failures_an_hour(wu: User, settings: Settings) -> None:
    statuses = [guess(at(f"10.0.4.{number}"), "wu") for number in range(101)]
    assert statuses == [200] * 99 + [429] * 2


def test_ones_own_sign_ins_do_not_count_towards_that_lockout(wu: User, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES_PER_ACCOUNT = 3
    for number in range(6):
        assert guess(at(f"10.0.1.{number}"), "wu", PASSWORD) == 302
    assert [guess(at(f"10.0.2.{number}"), "wu") for number in range(3)] == [200, 200, 429]


def test_failures_are_audited_and_logged_without_the_name_that_was_typed(
    wu: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        guess(at("10.0.3.1"), "wu")
        guess(at("10.0.3.1"), "my-secret-in-the-wrong-field")
    entries = AuditEntry.objects.filter(action="sign_in_fail").order_by("pk")
    assert [(one.label, one.ids, one.actor_id) for one in entries] == [
        ("auth.user", [wu.pk], None),
        ("auth.user", [], None),
    ]
    assert "my-secret" not in str(list(entries.values()))
    lines = [one for one in caplog.records if getattr(one, "action", "") == "sign_in_failed"]
    assert [vars(one)["account"] for one in lines] == [wu.pk, None]
    ours = [one for one in caplog.records if one.name != "django.db.backends"]
    assert "my-secret" not in str([vars(one) for one in ours if "request" not in vars(one)])


def test_an_unused_session_ends_after_the_idle_limit(
    wu: User, settings: Settings, clock: Clock
) -> None:
    settings.SESSION_COOKIE_AGE = 3600
    client = signed_in(Client(), wu)
    for _ in range(3):
        clock.shift(minutes=50)
        assert is_signed_in(client), "using it extends it"
    clock.shift(minutes=61)
    assert not is_signed_in(client)


def test_a_session_ends_after_the_absolute_limit_even_if_it_is_used(
    wu: User, settings: Settings, clock: Clock
) -> None:
    settings.SESSION_COOKIE_AGE, settings.SESSION_LONGEST_AGE = 3600, timedelta(hours=2)
    client = signed_in(Client(), wu)
    for _ in range(3):
        clock.shift(minutes=39)
        assert is_signed_in(client)
    assert client.cookies["sessionid"]["max-age"] <= 3 * 60
    clock.shift(minutes=3)
    assert not is_signed_in(client)


def test_shorter_limits_apply_to_sessions_that_have_begun(
    wu: User, settings: Settings, clock: Clock
) -> None:
    client = signed_in(Client(), wu)
    clock.shift(hours=2)
    settings.SESSION_COOKIE_AGE = 3600
    assert not is_signed_in(client)


def test_a_session_of_the_version_before_is_over(wu: User) -> None:
    """It is on no list, so that neither its person nor an administrator could end it."""
    client = signed_in(Client(), wu)
    assert is_signed_in(client), "the premise"
    session = client.session
    for key in ("began_at", "used_at", "sign_in", "confirmed_at"):
        del session[key]
    session.save()
    request = JoinRequest(lambda user, name: topics.person(user.pk), "", session.session_key)
    assert decide([request])[0].refusal == CloseCode.SIGNED_OUT, "nor do sockets go on"
    assert not is_signed_in(client)


def test_people_see_their_sign_ins_and_end_one(wu: User, zhao: User) -> None:
    here, there = signed_in(at("192.0.2.7"), wu), signed_in(at("2001:db8::7"), wu)
    colleague = signed_in(Client(), zhao)
    page = here.get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    assert page.count("Firefox · Windows") >= 2
    assert page.count("This device") == 1
    for address in ("192.0.2.7", "2001:db8::7"):
        assert address in page
    theirs = SignIn.objects.get(user=zhao)
    assert colleague.session["sign_in"] == theirs.pk
    for wrong in (theirs.pk, here.session["sign_in"], "x", "9" * 40, ""):
        here.post(PAGE, {"sign_in": wrong, "do": "end"})
        assert all(map(is_signed_in, (here, there, colleague)))
    here.post(PAGE, {"sign_in": there.session["sign_in"], "do": "end"})
    assert [is_signed_in(one) for one in (here, there, colleague)] == [True, False, True]
    assert "2001:db8::7" not in here.get(PAGE).content.decode()


def test_all_other_sign_ins_end_together(wu: User) -> None:
    here, *others = (signed_in(Client(), wu) for _ in range(3))
    here.post(PAGE, {"do": "end_others"})
    assert [is_signed_in(one) for one in (here, *others)] == [True, False, False]


def test_signing_in_again_in_the_same_browser_adds_no_second_line(wu: User) -> None:
    client = signed_in(Client(), wu)
    signed_in(client, wu)
    assert SignIn.objects.active().count() == 1


def test_a_sign_in_from_a_new_network_is_reported_by_e_mail(wu: User) -> None:
    for address in ("2001:db8:1::7", "2001:db8:1::9"):  # one network of one home
        signed_in(at(address), wu)
    assert not Delivery.objects.exists(), "the first place is not new, nor is the same network"
    signed_in(at("203.0.113.9"), wu)
    email = build_email(Delivery.objects.get())
    assert email.to == ["wu@example.com"]
    assert "203.0.113.9" in email.body
    assert "Firefox · Windows" in email.body
    signed_in(at("203.0.113.9"), wu)
    assert Delivery.objects.count() == 1


def test_a_browser_on_a_unix_socket_can_sign_in(wu: User) -> None:
    assert is_signed_in(signed_in(Client(REMOTE_ADDR=""), wu))


def test_expired_sessions_and_old_sign_ins_are_deleted(wu: User, clock: Clock) -> None:
    signed_in(Client(), wu)
    clock.shift(days=31)
    fresh = signed_in(Client(), wu)
    assert trim_sessions(timezone.now()) == 1
    assert [one.session_key for one in Session.objects.all()] == [fresh.session.session_key]
    assert SignIn.objects.count() == 2, "kept to recognise the place"
    clock.moment += KEEP_SIGN_INS_FOR
    clock.shift(seconds=1)
    Session.objects.all().delete()
    trim_sessions(timezone.now())
    assert not SignIn.objects.exists()
