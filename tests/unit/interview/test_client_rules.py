"""Pages send the domain's rules to their scripts; the scripts' own tests use the same values."""

import json
from pathlib import Path

from interview.views.client_rules import client_rules

VECTORS = Path(__file__).parents[2] / "vectors" / "rules.json"


def test_the_scripts_are_tested_with_the_rules_that_pages_send() -> None:
    assert client_rules() == json.loads(VECTORS.read_text())
