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


def titles(client: Client, **asked: str) -> list[str]:
    """Returns the openings that this search shows."""
    answer = client.get(reverse("job_list"), asked)
    assert answer.status_code == 200
    return [job.title for job in answer.context["page"].object_list]


def test_anyone_reads_published_openings_on_both_addresses(client: Client) -> None:
    job = make_job(title="Backend")
    for address in ("/joblist/", "/jobs/"):
        page = client.get(address).content.decode()
        assert "Backend" in page
        assert reverse("job", args=[job.pk]) in page


def test_a_hidden_opening_is_neither_listed_nor_readable(client: Client) -> None:
    closed = make_campaign(is_open=False)
    hidden = [
        make_job(is_published=False),
        make_job(is_confidential=True),
        make_job(campaign=closed),
    ]
    assert titles(client) == []
    for job in hidden:
        assert client.get(reverse("job", args=[job.pk])).status_code == 404


def test_a_coordinator_sees_nothing_extra_here(
    client: Client, lin: User, campaign: Campaign
) -> None:
    hidden = make_job(campaign=campaign, is_confidential=True)
    signed_in(client, lin)
    assert titles(client) == []
    assert client.get(reverse("job", args=[hidden.pk])).status_code == 404


def test_openings_are_narrowed_by_city_kind_and_words_together(client: Client) -> None:
    make_job(title="Backend Engineer", city="上海", kind="full_time", department="Platform")
    make_job(title="Backend Intern", city="上海", kind="internship")
    make_job(title="Frontend Engineer", city="北京", kind="full_time")
    assert titles(client, city="上海") == ["Backend Intern", "Backend Engineer"]
    assert titles(client, kind="full_time", q="backend") == ["Backend Engineer"]
    assert titles(client, q="engineer platform") == ["Backend Engineer"]
    assert titles(client, q="100%") == []


def test_an_opening_without_a_city_is_found_in_that_of_its_campaign(client: Client) -> None:
    make_job(title="Everywhere", city="", campaign=make_campaign(city="成都"))
    assert titles(client, city="成都") == ["Everywhere"]


@pytest.mark.parametrize(
    "asked", [{"city": "Atlantis"}, {"kind": "pirate"}, {"q": "x" * 101}, {"city": "a\0b"}]
)
def test_nothing_fits_a_filter_that_nobody_knows_and_it_can_be_taken_back(
    client: Client, asked: dict[str, str]
) -> None:
    make_job(title="Backend", kind="internship")
    assert titles(client) == ["Backend"], "all openings are remembered, and not for this search"
    assert titles(client, **asked) == []
    page = client.get(reverse("job_list"), asked, headers=ENGLISH).content.decode()
    assert "No openings match this search" in page
    (value,) = asked.values()
    assert chips(client, **asked)[value[:40]] == ("?", True)


def test_a_page_that_does_not_exist_is_the_first(client: Client) -> None:
    make_job(title="Backend")
    assert titles(client, page="x") == ["Backend"]


def chips(client: Client, **asked: str) -> dict[str, tuple[str, bool]]:
    """Returns the filter chips: their addresses, and whether they are on."""
    search = client.get(reverse("job_list"), asked, headers=ENGLISH).context["search"]
    return {chip.label: (chip.query, chip.is_on) for chip in search.chips()}


def test_each_filter_is_a_link_that_keeps_the_others(client: Client) -> None:
    make_job(title="Go away", city="上海", kind="internship")
    found = chips(client, city="上海", q="go away")
    assert found["上海"] == ("?q=go+away", True)
    assert found["go"] == ("?q=away&city=%E4%B8%8A%E6%B5%B7", True)
    query, is_on = found["Internship"]
    assert not is_on
    page = client.get(reverse("job_list") + query, headers=ENGLISH)
    assert [job.title for job in page.context["page"].object_list] == ["Go away"]


def test_where_there_are_many_cities_only_the_chosen_one_is_a_link(client: Client) -> None:
    campaign = make_campaign()
    for number in range(9):
        make_job(campaign=campaign, city=f"City {number}")
    assert not [label for label in chips(client) if label.startswith("City")]
    assert [one for one in chips(client, city="City 3") if one.startswith("City")] == ["City 3"]


def test_an_opening_leads_to_the_form_and_to_others_of_its_campaign(client: Client) -> None:
    campaign = make_campaign()
    job = make_job(campaign=campaign, responsibilities="- Write\n2. Read")
    make_job(campaign=campaign, title="Near")
    make_job(campaign=campaign, title="Hidden", is_published=False)
    make_job(title="Elsewhere")
    page = client.get(reverse("job", args=[job.pk]), headers=ENGLISH)
    said = page.content.decode()
    assert reverse("apply", args=[job.pk]) in said
    assert "<li>Write</li><li>Read</li>" in said
    assert [one.title for one in page.context["others"]] == ["Near"]


def test_only_cities_of_public_openings_are_offered(client: Client) -> None:
    make_job(city="上海")
    make_job(city="Secret Island", is_confidential=True)
    assert "Secret Island" not in client.get(reverse("job_list")).content.decode()


def test_a_long_list_comes_in_pages_that_keep_the_search(client: Client) -> None:
    campaign = make_campaign()
    for _ in range(21):
        make_job(campaign=campaign, title="Engineer")
    page = client.get(reverse("job_list"), {"q": "engineer"}).content.decode()
    assert "?q=engineer&amp;page=2" in page
    assert len(titles(client, q="engineer", page="2")) == 1


def test_the_list_costs_the_same_queries_however_long_it_is(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make_job()
    with django_assert_num_queries(3):  # cities, count, page
        titles(client)


def test_what_a_job_says_is_text_and_never_markup(client: Client) -> None:
    job = make_job(title="<script>alert(1)</script>", responsibilities="<b>bold</b>")
    for address in (reverse("job_list"), reverse("job", args=[job.pk])):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>" not in page


def test_openings_are_only_read(client: Client) -> None:
    assert client.post(reverse("job_list")).status_code == 405
    assert client.post(reverse("job", args=[make_job().pk])).status_code == 405
