"""The board's card drawer in a browser test."""

from __future__ import annotations

from playwright.sync_api import Page


def choose_action(page: Page, name: str, **options: float) -> None:
    """Clicks an action in the open drawer, also one of those in its menu."""
    button = page.locator(f"#drawer [data-action={name}]")
    button.wait_for(state="attached", **options)
    if page.locator(f"#drawer .menu-panel [data-action={name}]").count():
        page.click("#drawer .rare > summary")
    button.click(**options)
