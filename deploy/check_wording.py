"""`python -m deploy.check_wording`: words that must not come back. Part of `make check`.

Prints a line for every find and exits with 1 if there is one. The rules come from CONTRIBUTING.md:
people are "they", and files have the field's standard terms for names.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".py", ".md", ".html", ".txt", ".js", ".mjs", ".css", ".yml", ".yaml", ".toml", ".sh"}
PRONOUNS = re.compile(r"\b(he|him|his|himself|whoever|whomever)\b", re.IGNORECASE)
OPENINGS = re.compile(r"^\s*(#|\"\"\")\s*(Who|What|Whoever|Of many)\b")
NOT_OURS = re.compile(r"/vendor/|/migrations/|^requirements/|package-lock\.json$|^LICENSE$")
EXEMPT = {
    "deploy/check_wording.py",  # holds the list
    "tests/deploy/test_check_wording.py",
    "jobs/candidates/pinyin.py",  # "he" is a syllable
}
# Private metaphors that once named modules; the standard term stands beside each.
METAPHORS = {
    "agenda": "interviewer_day",
    "asking": "request_helpers",
    "awaiting": "pending_scorecards",
    "backlog": "lag",
    "breaker": "circuit_breaker",
    "budget": "rate_limit",
    "carrying_out": "execute",
    "choosing": "selection",
    "comparing": "diff",
    "composing": "message",
    "concerns": "conflicts",
    "condition": "health",
    "crowd": "simulated_clients",
    "door": "admission",
    "doors": "signed_links",
    "doorway": "admission_batch",
    "diary": "time_spans",
    "findings": "report",
    "folding": "merge_applications",
    "garbage": "gc_tuning",
    "gauges": "metrics",
    "holding": "locking",
    "judging": "validation",
    "kinds": "file_types",
    "knock_on": "delays",
    "lasting": "keep_on_revert",
    "letters": "templates",
    "mailbox": "send_queue",
    "manners": "policy",
    "memory": "cache",
    "mishaps": "failing_views",
    "newest": "list_window",
    "own_page": "candidate_portal",
    "showing": "presenters",
    "spelling": "pinyin",
    "standing": "status",
    "story": "timeline",
    "tally": "metrics",
    "telling": "notify",
    "trial": "test_message",
    "trouble": "errors",
    "troubles": "incidents",
    "waking": "wakeup",
    "wishes": "settings",
}


def main() -> None:
    found = list(findings())
    for line in found:
        print(line)  # noqa: T201 the output of a check
    sys.exit(1 if found else 0)


def findings() -> Iterator[str]:
    """Yields a sentence for each file name and each line that breaks a rule."""
    for name in tracked_files():
        path = Path(name)
        if instead := METAPHORS.get(path.stem):
            yield f"{name}: '{path.stem}' is a metaphor; the term is '{instead}'"
        if path.suffix in TEXT and name not in EXEMPT:
            text = (ROOT / path).read_text(encoding="utf-8")
            yield from pronouns(name, text)
            yield from openings(name, text)


def pronouns(name: str, text: str) -> Iterator[str]:
    """Yields a sentence for each line that calls a person "he"."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := PRONOUNS.search(line):
            yield f"{name}:{number}: '{match[0]}' (people are they): {line.strip()[:100]}"


def openings(name: str, text: str) -> Iterator[str]:
    """Yields a sentence for each docstring or comment that opens with a relative clause."""
    for number, line in enumerate(text.splitlines(), 1):
        if name.endswith(".py") and (match := OPENINGS.match(line)):
            yield f"{name}:{number}: opens with '{match[2]}', not a subject: {line.strip()[:90]}"


def tracked_files() -> list[str]:
    """Returns the names of the files under version control that are written here."""
    listed = subprocess.run(
        ["git", "ls-files"],  # noqa: S607  # a developer's own git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if not NOT_OURS.search(name)]


if __name__ == "__main__":
    main()
