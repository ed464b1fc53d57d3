"""Searches for candidates: on their page, in the API, in the admin and in applications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from jobs.candidates.services import candidate_update
from jobs.imports import runs
from jobs.models import Campaign, Candidate
from tests.factories import make_application, make_candidate, make_job
from tests.people import signed_in
from tests.support.clients.api import api_of

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parents[2] / "cases" / "imports"


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def found(text: str) -> set[str]:
    return {candidate.name for candidate in Candidate.objects.search(text)}


def test_a_name_in_decomposed_unicode_is_stored_composed_and_found(
    subtests: pytest.Subtests, lin: User, campaign: Campaign
) -> None:
    """As macOS writes names into a CSV file."""
    content = (CASES / "c07_nfd.csv").read_bytes()
    run = runs.import_run_create(content=content, file_name="c07.csv", campaign=campaign, owner=lin)
    runs.import_run_apply(run=run)
    candidate = Candidate.objects.get(name__contains="rdonyi")
    assert candidate.name == "Gárdonyi Géza"
    make_application(candidate=candidate, job=make_job(campaign=campaign), by=lin)
    client = signed_in(Client(), lin)
    for text in ("Gárdonyi", "gardonyi", "Géza Gárdonyi", "Ga\u0301rdonyi", "Gardonyi Geza"):
        with subtests.test(text=text):
            page = client.get(reverse("candidates"), {"q": text}).context["page"]
            assert list(page.object_list) == [candidate]
            page = client.get(reverse("applications"), {"q": text}).context["page"]
            assert [one.candidate for one in page.object_list] == [candidate]
            rows = api_of(lin).get("candidates/", search=text).json()["results"]
            assert [row["name"] for row in rows] == ["Gárdonyi Géza"]
            listed = client.get(reverse("admin:jobs_candidate_changelist"), {"q": text})
            assert list(listed.context["cl"].result_list) == [candidate]


NAMES = {
    "买买提·艾力": ("买买提•艾力", "艾力 买买提", "买买提艾力", "买买提・艾力", "maimaiti"),
    "Seán O’Brien": ("sean o'brien", "OBrien", "O'Brien Sean", "brien, sean"),
    "李小龙": ("小龙", "lixiaolong", "xiaolong li", "lǐ xiǎolóng", "lxl"),
    "Müller-Lüdenscheidt Jan": ("jan muller", "Müller Lüdenscheidt", "mullerludenscheidt"),
}


def test_a_name_is_found_without_accents_in_either_order_with_any_dot(
    subtests: pytest.Subtests,
) -> None:
    for name in NAMES:
        make_candidate(name=name)
    for name, texts in NAMES.items():
        for text in texts:
            with subtests.test(text=text):
                assert found(text) == {name}
    assert found("李 brien") == set()


def test_a_number_is_found_as_the_product_shows_it(subtests: pytest.Subtests) -> None:
    make_candidate(name="苏晴", mobile="+8618100007777")
    make_candidate(name="王思远", mobile="+8618100008888")
    for text in (
        *("+8618100007777", "181 0000 7777", "181-0000-7777", "(181) 0000-7777", "7777"),
        *("\uff17\uff17\uff17\uff17", "+86 181–0000–7777", "0086 181 0000 7777", "00007777"),
    ):
        with subtests.test(text=text):
            assert found(text) == {"苏晴"}
    assert found("181-0000") == {"苏晴", "王思远"}


def test_a_changed_name_is_found_and_the_old_one_is_not() -> None:
    candidate = make_candidate(name="Géza Gárdonyi")
    candidate_update(candidate=candidate, name="Ferenc Móra")
    assert found("mora ferenc") == {"Ferenc Móra"}
    assert found("gardonyi") == set()


def test_a_candidate_stored_by_an_earlier_version_is_found_by_name() -> None:
    make_candidate(name="Géza Gárdonyi")
    Candidate.objects.update(search_name="")
    assert found("Ga\u0301rdonyi") == {"Géza Gárdonyi"}
