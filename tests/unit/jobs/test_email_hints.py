"""Mistyped e-mail domains are noticed, by the server and by the script of the application form.

tests/js/email-hint.test.mjs runs the same examples.
"""

import json
from pathlib import Path

import pytest
from django.utils import translation

from jobs.candidates.email_hints import hint_for, likely_slip, rules_for_page

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "email_slips.json").read_text())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["address"])
def test_a_mistyped_domain_is_noticed_and_a_real_one_is_not(case: dict[str, str | None]) -> None:
    slip = likely_slip(str(case["address"]))
    assert ((slip.typed, slip.meant) if slip else (None, None)) == (case["typed"], case["meant"])


def test_the_script_has_the_lists_of_the_server() -> None:
    sent = json.loads(json.dumps(rules_for_page()))
    assert "{typed}" in sent.pop("question")
    assert sent == VECTORS["rules"]


def test_the_hint_asks_for_the_domain_that_was_probably_meant() -> None:
    with translation.override("en"):
        assert hint_for("a@qq.con") == "“qq.con” looks mistyped. Did you mean “qq.com”?"
        assert hint_for("a@qq.com") == ""


def test_the_hint_does_not_repeat_a_private_domain() -> None:
    assert "mueller" not in hint_for("thomas@mueller.con")
