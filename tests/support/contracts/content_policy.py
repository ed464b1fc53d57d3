"""Finds what our content security policy forbids in the text of a page.

The policy has no 'unsafe-inline': scripts, styles and event handlers must be files of this site.
"""

from __future__ import annotations

from html.parser import HTMLParser

FETCHED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "form": "action"}
DATA_TYPES = {"application/json", "application/ld+json"}  # a browser does not execute these


def violations_of_content_policy(html: str) -> list[str]:
    """Returns one sentence for each element or attribute that a browser would block."""
    reader = _Reader()
    reader.feed(html)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "style" or (
            tag == "script" and "src" not in values and values.get("type") not in DATA_TYPES
        ):
            self.found.append(f"an inline {tag}")
        self.found += [
            f"{tag} has the attribute {name}"
            for name in values
            if name == "style" or name.startswith("on")
        ]
        target = values.get(FETCHED.get(tag, ""), "")
        is_ours = target.startswith(("/", "?", "#", ".")) and not target.startswith("//")
        if target and not is_ours and not target.startswith("data:"):
            self.found.append(f"{tag} loads {target}")
        if values.get("href", "").lower().startswith("javascript:"):
            self.found.append(f"{tag} is a link to a script")
