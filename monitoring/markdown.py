"""Text that somebody else has written, in a message of Markdown."""

import re

MARKS = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")


def escape_markdown(text: str) -> str:
    """The text without a meaning in Markdown."""
    return MARKS.sub(r"\\\1", text)
