"""What operations read about the schedule tells of every entry, and of no other."""

import re

from django.conf import settings

from realtime.scheduling.entries import declared


def test_the_document_of_the_schedule_names_each_entry() -> None:
    text = (settings.BASE_DIR / "deploy" / "docs" / "schedule.md").read_text()
    told = re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)
    assert sorted(told) == sorted(entry.name for entry in declared())
