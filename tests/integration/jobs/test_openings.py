"""The public pages of openings: contents, search and what visitors may not see."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from jobs.models import Campaign
from tests.factories import make_campaign, make_job
from tests.people import signed_in

ENGLISH = {"accept-language": "en"}
pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def titles(client: Client, **query: str) -> list[str]:
    """The titles of the openings that this search shows."""
    response = client.get(reverse("job_list"), query)
    assert response.status_code == 200
    return [job.title for job in response.context["page"].object_list]


def test_published_openings_are_shown_at_both_addresses(client: Client) -> None:
    job = make_job(title="Backend")
    for address in ("/joblist/", "/jobs/"):
        page = client.get(address).content.decode()
        assert "Backend" in page
        assert reverse("job", args=[job.pk]) in page


def test_a_hidden_opening_is_not_listed_and_its_page_is_not_found(client: Client) -> None:
    closed = make_campaign(is_open=False)
    hidden = [
        make_job(is_published=False),
        make_job(is_confidential=True),
        make_job(campaign=closed),
    ]
    assert titles(client) == []
    for job in hidden:
        assert client.get(reverse("job", args=[job.pk])).status_code == 404


def test_coordinators_see_no_hidden_openings_on_the_public_pages(
    client: Client, lin: User, campaign: Campaign
) -> None:
    hidden = make_job(campaign=campaign, is_confidential=True)
    signed_in(client, lin)
    assert titles(client) == []
    assert client.get(reverse("job", args=[hidden.pk])).status_code == 404


def test_filters_by_city_kind_and_words_can_be_combined(client: Client) -> None:
    make_job(title="Backend Engineer", city="上海", kind="full_time", department="Platform")
    make_job(title="Backend Intern", city="上海", kind="internship")
    make_job(title="Frontend Engineer", city="北京", kind="full_time")
    assert titles(client, city="上海") == ["Backend Intern", "Backend Engineer"]
    assert titles(client, kind="full_time", q="backend") == ["Backend Engineer"]
    assert titles(client, q="engineer platform") == ["Backend Engineer"]
    assert titles(client, q="100%") == []


def test_an_opening_without_a_city_is_found_by_the_city_of_its_campaign(client: Client) -> None:
    make_job(title="Everywhere", city="", campaign=make_campaign(city="成都"))
    assert titles(client, city="成都") == ["Everywhere"]


@pytest.mark.parametrize(
    "query", [{"city": "Atlantis"}, {"kind": "pirate"}, {"q": "x" * 101}, {"city": "a\0b"}]
)
def test_an_unknown_filter_value_matches_nothing_and_can_be_removed(
    client: Client, query: dict[str, str]
) -> None:
    make_job(title="Backend", kind="internship")
    assert titles(client) == ["Backend"], "the cached list must not be shown for this search"
    assert titles(client, **query) == []
    page = client.get(reverse("job_list"), query, headers=ENGLISH).content.decode()
    assert "No openings match this search" in page
    (value,) = query.values()
    assert chips(client, **query)[value[:40]] == ("?", True)


def test_an_invalid_page_number_shows_the_first_page(client: Client) -> None:
    make_job(title="Backend")
    assert titles(client, page="x") == ["Backend"]


def chips(client: Client, **query: str) -> dict[str, tuple[str, bool]]:
    """The filter chips by label: their query strings, and whether they are active."""
    search = client.get(reverse("job_list"), query, headers=ENGLISH).context["search"]
    return {chip.label: (chip.query, chip.is_on) for chip in search.chips()}


def test_each_filter_chip_keeps_the_other_filters(client: Client) -> None:
    make_job(title="Go away", city="上海", kind="internship")
    by_label = chips(client, city="上海", q="go away")
    assert by_label["上海"] == ("?q=go+away", True)
    assert by_label["go"] == ("?q=away&city=%E4%B8%8A%E6%B5%B7", True)
    query, is_on = by_label["Internship"]
    assert not is_on
    page = client.get(reverse("job_list") + query, headers=ENGLISH)
    assert [job.title for job in page.context["page"].object_list] == ["Go away"]


def test_with_many_cities_only_the_chosen_one_is_a_chip(client: Client) -> None:
    campaign = make_campaign()
    for number in range(9):
        make_job(campaign=campaign, city=f"City {number}")
    assert not [label for label in chips(client) if label.startswith("City")]
    assert [one for one in chips(client, city="City 3") if one.startswith("City")] == ["City 3"]


def test_an_opening_links_to_the_form_and_to_others_of_its_campaign(client: Client) -> None:
    campaign = make_campaign()
    job = make_job(campaign=campaign, responsibilities="- Write\n2. Read")
    make_job(campaign=campaign, title="Near")
    make_job(campaign=campaign, title="Hidden", is_published=False)
    make_job(title="Elsewhere")
    page = client.get(reverse("job", args=[job.pk]), headers=ENGLISH)
    html = page.content.decode()
    assert reverse("apply", args=[job.pk]) in html
    assert "<li>Write</li><li>Read</li>" in html
    assert [one.title for one in page.context["others"]] == ["Near"]


def test_only_cities_of_public_openings_are_offered(client: Client) -> None:
    make_job(city="上海")
    make_job(city="Secret Island", is_confidential=True)
    assert "Secret Island" not in client.get(reverse("job_list")).content.decode()


def test_page_links_of_a_long_list_keep_the_search(client: Client) -> None:
    campaign = make_campaign()
    for _ in range(21):
        make_job(campaign=campaign, title="Engineer")
    page = client.get(reverse("job_list"), {"q": "engineer"}).content.decode()
    assert "?q=engineer&amp;page=2" in page
    assert len(titles(client, q="engineer", page="2")) == 1


def test_the_list_of_openings_takes_three_queries_whatever_its_length(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make_job()
    with django_assert_num_queries(3):  # the cities, the number of openings, and one page of them
        titles(client)


def test_html_in_the_texts_of_an_opening_is_escaped(client: Client) -> None:
    job = make_job(title="<script>alert(1)</script>", responsibilities="<b>bold</b>")
    for address in (reverse("job_list"), reverse("job", args=[job.pk])):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>" not in page


def test_pages_of_openings_are_read_only(client: Client) -> None:
    assert client.post(reverse("job_list")).status_code == 405
    assert client.post(reverse("job", args=[make_job().pk])).status_code == 405
