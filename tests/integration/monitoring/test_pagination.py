"""Long lists are read page by page, and no page reads the rows of another."""

from __future__ import annotations

import pytest
from django.core.paginator import Paginator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.models import Campaign, Candidate
from monitoring.http.pagination import PrimaryKeyPaginator
from tests.factories import make_campaign, make_candidate

pytestmark = pytest.mark.django_db

PER_PAGE = 3


@pytest.fixture
def candidates() -> list[Candidate]:
    campaign = make_campaign()
    return [make_candidate(campaign=campaign) for _ in range(PER_PAGE * 4 + 1)]


def test_each_page_has_the_rows_that_its_number_says(candidates: list[Candidate]) -> None:
    everyone = Candidate.objects.prefetch_related("campaigns")
    ours = PrimaryKeyPaginator(everyone, PER_PAGE)
    assert ours.num_pages == 5
    for number in ours.page_range:
        assert list(ours.page(number)) == list(Paginator(everyone, PER_PAGE).page(number))


def test_a_list_without_rows_has_one_empty_page() -> None:
    page = PrimaryKeyPaginator(Candidate.objects.none(), PER_PAGE).get_page(1)
    assert (list(page), page.has_other_pages()) == ([], False)


def test_the_last_page_is_found_from_the_end(candidates: list[Candidate]) -> None:
    with CaptureQueriesContext(connection) as queries:
        (oldest,) = PrimaryKeyPaginator(Candidate.objects.all(), PER_PAGE).page(5)
    assert oldest == candidates[0]
    keys = queries[1]["sql"]
    assert "OFFSET" not in keys
    assert '"name"' not in keys, "only keys are read from the index"


def test_equal_rows_are_each_on_one_page(candidates: list[Candidate]) -> None:
    Candidate.objects.update(city="北京")
    paginator = PrimaryKeyPaginator(Candidate.objects.order_by("city"), PER_PAGE)
    shown = [one for page in paginator for one in page]
    assert shown == candidates


def test_a_row_that_is_deleted_meanwhile_is_missing_from_its_page(
    candidates: list[Candidate],
) -> None:
    class Deleting(PrimaryKeyPaginator):
        def _keys(self, begins: int, ends: int) -> list[int]:
            keys = super()._keys(begins, ends)
            Campaign.objects.all().delete()
            Candidate.objects.filter(pk=keys[1]).delete()
            return keys

    first, _, third = candidates[: -PER_PAGE - 1 : -1]
    assert list(Deleting(Candidate.objects.all(), PER_PAGE).page(1)) == [first, third]
