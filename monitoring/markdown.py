"""Escaping of user-provided text in Markdown messages."""

import re

MARKS = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")


def escape_markdown(text: str) -> str:
    """The text with all Markdown characters escaped."""
    return MARKS.sub(r"\\\1", text)
