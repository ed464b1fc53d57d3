"""The page of the API document in a real browser, under the product's content policy."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from tests.browser.conftest import Open

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]


def test_the_api_document_is_shown_and_can_be_tried_within_the_content_policy(
    lin: User, open_as: Open
) -> None:
    page = open_as(lin, "/api/docs/")
    operations = page.locator("#api .opblock")
    expect(operations.first).to_be_visible()
    assert operations.count() > 50
    campaigns = page.locator("#operations-campaigns-campaigns_list")
    campaigns.click()
    campaigns.get_by_role("button", name="Try it out").click()
    campaigns.get_by_role("button", name="Execute").click()
    expect(campaigns.locator(".responses-table.live-responses-table")).to_contain_text("autumn")
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(shots) / "docs-tried.png"))
        page.goto(page.url.split("#")[0])
        expect(operations.first).to_be_visible()
        page.screenshot(path=str(Path(shots) / "docs.png"))
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=str(Path(shots) / "docs-phone.png"))
    assert page.errors == []


def test_in_dark_mode_the_api_document_is_as_dark_as_other_pages(lin: User, open_as: Open) -> None:
    page = open_as(lin, "/api/docs/", color_scheme="dark")
    expect(page.locator("#api .opblock").first).to_be_visible()
    ground = "element => getComputedStyle(element).backgroundColor"
    dark = page.locator("#api .swagger-ui").first.evaluate(ground)
    assert dark == page.locator(".topbar").evaluate(ground)
    page.emulate_media(color_scheme="light")
    assert page.locator("#api .swagger-ui").first.evaluate(ground) != dark
    assert page.errors == []
