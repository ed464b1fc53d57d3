"""The candidates page: search, and applications for several candidates at once."""

import pytest
from django.urls import reverse

from jobs.candidates import views
from jobs.models import Application
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
)
from tests.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lin_client(client, lin):
    return signed_in(client, lin)


def page(client, **query):
    return client.get(reverse("candidates"), query).content.decode()


def test_search_narrows_the_list(lin_client, campaign):
    make_candidate(campaign=campaign, name="李小龙")
    make_candidate(campaign=campaign, name="陈欣欣")
    assert "陈欣欣" in page(lin_client)
    narrowed = page(lin_client, q="lxl")
    assert "李小龙" in narrowed
    assert "陈欣欣" not in narrowed


def test_candidates_of_other_campaigns_are_not_shown(lin_client, campaign):
    make_candidate(campaign=campaign, name="李小龙")
    make_candidate(campaign=make_campaign(), name="陈欣欣")
    make_candidate(name="刘德华")
    shown = page(lin_client)
    assert "李小龙" in shown
    assert "刘德华" in shown, "every coordinator sees candidates without a campaign"
    assert "陈欣欣" not in shown


def test_a_candidate_of_several_campaigns_is_shown_to_each_and_listed_once(lin_client, campaign):
    others = [make_campaign(), make_campaign()]
    shared = make_candidate(campaign=others[0], name="周星星")
    shared.campaigns.add(others[1])
    assert "周星星" not in page(lin_client)
    shared.campaigns.add(campaign)
    assert page(lin_client).count(f'name="candidates" value="{shared.pk}"') == 1


@pytest.mark.parametrize("number", ["abc", "-1", "0", "99999", "1.5"])
def test_a_wrong_page_number_leads_to_a_page_of_the_list(lin_client, campaign, number):
    make_candidate(campaign=campaign, name="李小龙")
    assert "李小龙" in page(lin_client, page=number)


def test_candidates_can_be_filtered_by_whether_they_have_applied(lin_client, campaign):
    applied = make_application(campaign=campaign).candidate
    waiting = make_candidate(campaign=campaign)
    assert waiting.mobile in page(lin_client, applied="no")
    assert applied.mobile not in page(lin_client, applied="no")
    assert applied.mobile in page(lin_client, applied="yes")


def test_candidates_with_the_same_name_and_school_are_marked(lin_client, campaign):
    link = f'href="?q={"%E6%9D%8E"}"'
    make_candidate(campaign=campaign, name="李", school="复旦大学")
    make_candidate(campaign=campaign, name="李", school="东南大学")
    assert link not in page(lin_client)
    make_candidate(campaign=campaign, name="李", school="复旦大学")
    assert page(lin_client).count(link) == 2


def test_page_links_of_a_long_list_keep_the_filter(lin_client, campaign, monkeypatch):
    monkeypatch.setattr(views, "CANDIDATES_PER_PAGE", 5)
    for _number in range(6):
        make_candidate(campaign=campaign, school="复旦大学")
    first = page(lin_client, campaign=campaign.slug)
    assert f'rel="next" href="?campaign={campaign.slug}&amp;page=2"' in first
    assert 'rel="prev"' not in first
    second = page(lin_client, campaign=campaign.slug, page=2)
    assert f'rel="prev" href="?campaign={campaign.slug}&amp;page=1"' in second
    assert 'rel="next"' not in second
    assert (first.count("复旦大学"), second.count("复旦大学")) == (5, 1)


def test_the_list_takes_a_constant_number_of_queries(
    lin_client, campaign, django_assert_max_num_queries
):
    for _number in range(12):
        make_application(campaign=campaign)
    with django_assert_max_num_queries(18):
        page(lin_client)


def test_several_candidates_can_be_entered_for_a_job_at_once(lin_client, campaign, lin):
    job = make_job(campaign=campaign)
    people = [make_candidate(campaign=campaign) for _number in range(3)]
    response = lin_client.post(
        reverse("candidates") + "?q=x",
        {"candidates": [one.pk for one in people[:2]], "job": job.pk},
    )
    assert response["Location"] == reverse("candidates") + "?q=x"
    assert {one.candidate for one in Application.objects.all()} == set(people[:2])
    assert Application.objects.first().events.get().by == lin


def test_candidates_and_jobs_of_other_campaigns_cannot_be_combined(lin_client, campaign):
    own_candidate, foreign = make_candidate(campaign=campaign), make_campaign()
    foreign_candidate = make_candidate(campaign=foreign)
    for people, job in [
        ([foreign_candidate.pk], make_job(campaign=campaign)),
        ([own_candidate.pk], make_job(campaign=foreign)),
        ([], make_job(campaign=campaign)),
        (["x"], make_job(campaign=campaign)),
    ]:
        lin_client.post(reverse("candidates"), {"candidates": people, "job": job.pk})
    assert Application.objects.count() == 0


@pytest.mark.parametrize("query", [{"page": "x"}, {"campaign": "none"}, {"q": "x" * 200}])
def test_an_invalid_filter_value_is_ignored(lin_client, campaign, query):
    candidate = make_candidate(campaign=campaign)
    assert candidate.mobile in page(lin_client, **query)


@pytest.mark.parametrize(("language", "translated"), [("en", "Master"), ("zh-hans", "硕士")])
def test_degrees_are_translated_and_unknown_ones_shown_as_written(
    lin_client, campaign, language, translated
):
    """On every page that shows a candidate."""
    one = make_candidate(campaign=campaign, degree="硕士")
    other = make_candidate(campaign=campaign, degree="Licence d'État")
    interview = make_interview(application=make_application(candidate=one, campaign=campaign))
    written = "Licence d&#x27;État"
    pages = {
        reverse("interview", args=[interview.pk]): (translated,),
        reverse("candidates"): (translated, written),
        reverse("merge") + f"?one={one.pk}&other={other.pk}": (translated, written),
        reverse("admin:jobs_candidate_changelist"): (translated, written),
    }
    for address, words in pages.items():
        text = lin_client.get(address, headers={"accept-language": language}).content.decode()
        assert [word for word in words if word not in text] == [], address
