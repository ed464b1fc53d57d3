"""The sections of an interviewer's page. The page's script runs the same examples, in tests/js."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from interview.models import Interview, InterviewAssignment, Scorecard
from interview.views.interviewer_day import InterviewerDay, OwnInterview
from jobs.models import Campaign

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "interviewer_day.json").read_text())
WU = SimpleNamespace(pk=7)


def interview_of(pk: int, example: dict[str, str]) -> Interview:
    """An unsaved interview as `for_rows()` loads it, with Wu's assignment and scorecard."""
    interview = Interview(
        pk=pk,
        campaign=Campaign(time_zone=VECTORS["time_zone"]),
        starts_at=datetime.fromisoformat(example["starts_at"]),
        status=example["status"],
    )
    part = InterviewAssignment(interviewer_id=WU.pk, response=example["response"])
    card = Scorecard(interviewer_id=WU.pk, state=example["scorecard"])
    has_card = example["scorecard"] != "none"
    vars(interview).update(loaded_assignments=[part], loaded_scorecards=[card] if has_card else [])
    return interview


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["claim"])
def test_server_and_script_sort_an_interviewers_day_into_the_same_sections(
    case: dict[str, Any],
) -> None:
    keys = {pk: example["key"] for pk, example in enumerate(case["interviews"], 1)}
    interviews = [interview_of(pk, one) for pk, one in enumerate(case["interviews"], 1)]
    day = InterviewerDay.of(interviews, WU, now=datetime.fromisoformat(VECTORS["now"]))

    def keys_of(section: Sequence[OwnInterview]) -> list[str]:
        return [keys[one.interview.pk] for one in section]

    sections = ("due", "today", "over", "later", "left_open")
    shown: dict[str, Any] = {name: keys_of(getattr(day, name)) for name in sections}
    shown["next"] = keys[day.next.interview.pk] if day.next else None
    assert shown == case["expected"]
