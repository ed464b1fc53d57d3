"""Markdown of messages: escaping of texts from outside, and the same message as plain text."""

import re

LINK = re.compile(r"\[([^\]]*)\]\((\S+?)\)")
BOLD_OR_HEADING = re.compile(r"(?<!\\)\*\*|^#+ ", re.MULTILINE)
MARKS = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")


def escape_markdown(text: str) -> str:
    """The text with all Markdown characters escaped."""
    return MARKS.sub(r"\\\1", text)


def plain_text(markdown: str) -> str:
    """The message without marks; a link becomes its label and its address."""
    text = BOLD_OR_HEADING.sub("", LINK.sub(r"\1: \2", markdown))
    return re.sub(r"\\(.)", r"\1", text)
