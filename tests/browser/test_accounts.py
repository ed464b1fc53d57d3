"""Passwords in a real browser: shown, measured, and asked for once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Route, expect

from jobs.models import Campaign
from realtime.models import TaskRun
from tests.browser.conftest import Open
from tests.factories import make_candidate
from tests.people import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]


def test_a_password_can_be_shown_and_is_hidden_again_when_it_is_sent(open_as: Open) -> None:
    page = open_as(None, "/accounts/login/", language="en")
    page.fill("#id_password", "what I typed")
    page.click("text=Show")
    expect(page.locator("#id_password")).to_have_attribute("type", "text")
    page.fill("#id_username", "nobody")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-error")).to_be_visible()
    expect(page.locator("#id_password")).to_have_attribute("type", "password")
    expect(page.locator("#id_password")).to_have_value("")


def test_a_password_typed_while_scripts_still_load_is_whole(open_as: Open) -> None:
    """The script that adds *Show* comes late: neither the focus nor the button moves away."""
    page = open_as(None, "/accounts/login/", language="en")
    waiting: list[Route] = []
    page.route("**/password-field*.js", lambda route: waiting.append(route))
    page.reload(wait_until="commit")
    field, submit = page.locator("#id_password"), page.locator("button[type=submit]")
    field.click()
    page.keyboard.type("typed-be")
    before = submit.bounding_box()
    assert waiting, "the script has been asked for"
    waiting.pop().continue_()
    expect(page.locator("text=Show")).to_be_visible()
    page.keyboard.type("fore-and-after")
    expect(field).to_have_value("typed-before-and-after")
    assert submit.bounding_box() == before


def test_the_meter_follows_a_new_password(open_as: Open, wu: User) -> None:
    page = open_as(wu, "/accounts/password/", language="en")
    field, meter = page.locator("#id_new_password1"), page.locator(".strength")
    expect(meter).to_be_hidden()
    for typed, expected in (
        ("short", "At least 12 characters"),
        ("wu@example.com", "Too similar to your name or e-mail address"),
        ("password12345", "Weak: make it longer or less regular"),
        ("a-long-way-to-tipperary", "Strong"),
    ):
        field.fill(typed)
        expect(meter).to_have_text(expected)
    field.fill("")
    expect(meter).to_be_hidden()


def let_confirmation_expire() -> None:
    """As if everybody had signed in an hour ago."""
    for one in Session.objects.all():
        session = SessionStore(one.session_key)
        session["confirmed_at"] = (timezone.now() - timedelta(hours=1)).timestamp()
        session.save()


def test_an_export_goes_on_after_the_password(open_as: Open, lin: User, campaign: Campaign) -> None:
    make_candidate(campaign=campaign)
    page = open_as(lin, "/candidates/", language="en")
    let_confirmation_expire()
    page.click("details.export summary")
    page.click("details.export button[value=csv]")
    expect(page.locator("h1")).to_have_text("Confirm your password")
    assert not TaskRun.objects.exists()
    page.fill("#id_confirm_password", PASSWORD)
    page.click("text=Continue")
    page.wait_for_url("**/candidates/**")
    assert TaskRun.objects.count() == 1


PHONE = {"width": 390, "height": 844}
OPEN_PAGES = ("/accounts/login/", "/accounts/password/lost/", "/accounts/password/lost/sent/")
OWN_PAGES = ("/accounts/password/", "/me/tokens/", "/me/sign-ins/", "/me/settings/")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_of_accounts_fit_a_phone(open_as: Open, wu: User, language: str) -> None:
    for person, addresses in ((None, OPEN_PAGES), (wu, OWN_PAGES)):
        for address in addresses:
            page = open_as(person, address, language=language, viewport=PHONE)
            page.wait_for_load_state("load")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], address
