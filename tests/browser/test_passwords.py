"""Password fields in a real browser: what is typed can be shown, pasted, and judged at once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.browser.conftest import Open, violations
from tests.people import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

PASTE = """([field, text]) => {
    document.querySelector(field).focus();
    document.execCommand("insertText", false, text);
}"""


def test_a_password_can_be_shown_and_pasted_and_its_strength_is_seen(
    open_as: Open, wu: User
) -> None:
    page = open_as(wu, "/accounts/password/")
    new, strength = page.locator("#id_new_password1"), page.locator(".strength [role=status]")
    expect(page.locator("#id_old_password")).to_have_attribute("autocomplete", "current-password")
    expect(new).to_have_attribute("autocomplete", "new-password")
    for typed, said in (
        ("short", "At least 12 characters"),
        ("aaaaaaaaaaaaaa", "Weak"),
        ("over-the-hills-and-far-away", "Strong"),
    ):
        new.fill(typed)
        expect(strength).to_contain_text(said)
    expect(new).to_have_attribute("type", "password")
    page.locator("button[aria-controls=id_new_password1]").click()
    expect(new).to_have_attribute("type", "text")
    page.evaluate(PASTE, ["#id_new_password2", "over-the-hills-and-far-away"])
    page.fill("#id_old_password", PASSWORD)
    page.click("form.personal button.primary")
    expect(page.get_by_text("Password changed.")).to_be_visible()
    assert violations(page) == []
