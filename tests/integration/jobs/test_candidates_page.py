"""The candidates page: search, and applications for several candidates at once."""

import pytest
from django.urls import reverse

from jobs.candidates.views import CANDIDATES_PER_PAGE
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
def lins(client, lin):
    return signed_in(client, lin)


def page(client, **asked):
    return client.get(reverse("candidates"), asked).content.decode()


def test_search_narrows_the_list(lins, campaign):
    make_candidate(campaign=campaign, name="李小龙")
    make_candidate(campaign=campaign, name="陈欣欣")
    assert "陈欣欣" in page(lins)
    narrowed = page(lins, q="lxl")
    assert "李小龙" in narrowed
    assert "陈欣欣" not in narrowed


def test_candidates_of_other_campaigns_are_not_shown(lins, campaign):
    make_candidate(campaign=campaign, name="李小龙")
    make_candidate(campaign=make_campaign(), name="陈欣欣")
    make_candidate(name="刘德华")
    shown = page(lins)
    assert "李小龙" in shown
    assert "刘德华" in shown, "people of no campaign yet are every coordinator's"
    assert "陈欣欣" not in shown


def test_those_who_have_not_applied_can_be_picked_out(lins, campaign):
    applied = make_application(campaign=campaign).candidate
    waiting = make_candidate(campaign=campaign)
    assert waiting.mobile in page(lins, applied="no")
    assert applied.mobile not in page(lins, applied="no")
    assert applied.mobile in page(lins, applied="yes")


def test_one_name_at_one_school_is_pointed_out(lins, campaign):
    link = f'href="?q={"%E6%9D%8E"}"'
    make_candidate(campaign=campaign, name="李", school="复旦大学")
    make_candidate(campaign=campaign, name="李", school="东南大学")
    assert link not in page(lins)
    make_candidate(campaign=campaign, name="李", school="复旦大学")
    assert page(lins).count(link) == 2


def test_a_long_list_has_pages_that_keep_what_was_asked(lins, campaign):
    for _number in range(CANDIDATES_PER_PAGE + 1):
        make_candidate(campaign=campaign, school="复旦大学")
    first = page(lins, campaign=campaign.slug)
    assert f'rel="next" href="?campaign={campaign.slug}&amp;page=2"' in first
    assert 'rel="prev"' not in first
    second = page(lins, campaign=campaign.slug, page=2)
    assert f'rel="prev" href="?campaign={campaign.slug}&amp;page=1"' in second
    assert 'rel="next"' not in second
    assert (first.count("复旦大学"), second.count("复旦大学")) == (CANDIDATES_PER_PAGE, 1)


def test_the_list_takes_a_constant_number_of_queries(lins, campaign, django_assert_max_num_queries):
    for _number in range(12):
        make_application(campaign=campaign)
    with django_assert_max_num_queries(16):
        page(lins)


def test_several_apply_for_a_job_at_once(lins, campaign, lin):
    job = make_job(campaign=campaign)
    people = [make_candidate(campaign=campaign) for _number in range(3)]
    answer = lins.post(
        reverse("candidates") + "?q=x",
        {"candidates": [one.pk for one in people[:2]], "job": job.pk},
    )
    assert answer["Location"] == reverse("candidates") + "?q=x"
    assert {one.candidate for one in Application.objects.all()} == set(people[:2])
    assert Application.objects.first().events.get().by == lin


def test_foreign_people_and_jobs_cannot_be_brought_together(lins, campaign):
    mine, foreign = make_candidate(campaign=campaign), make_campaign()
    stranger = make_candidate(campaign=foreign)
    for people, job in [
        ([stranger.pk], make_job(campaign=campaign)),
        ([mine.pk], make_job(campaign=foreign)),
        ([], make_job(campaign=campaign)),
        (["x"], make_job(campaign=campaign)),
    ]:
        lins.post(reverse("candidates"), {"candidates": people, "job": job.pk})
    assert Application.objects.count() == 0


@pytest.mark.parametrize("asked", [{"page": "x"}, {"campaign": "none"}, {"q": "x" * 200}])
def test_a_filter_it_does_not_know_is_left_out(lins, campaign, asked):
    someone = make_candidate(campaign=campaign)
    assert someone.mobile in page(lins, **asked)


@pytest.mark.parametrize(("language", "said"), [("en", "Master"), ("zh-hans", "硕士")])
def test_degrees_are_told_in_the_readers_language_and_unknown_ones_as_written(
    lins, campaign, language, said
):
    """On every page with a candidate, whatever form the spreadsheet used."""
    one = make_candidate(campaign=campaign, degree="硕士")
    other = make_candidate(campaign=campaign, degree="Licence d'État")
    interview = make_interview(application=make_application(candidate=one, campaign=campaign))
    written = "Licence d&#x27;État"
    pages = {
        reverse("interview", args=[interview.pk]): (said,),
        reverse("candidates"): (said, written),
        reverse("merge") + f"?one={one.pk}&other={other.pk}": (said, written),
        reverse("admin:jobs_candidate_changelist"): (said, written),
    }
    for address, words in pages.items():
        text = lins.get(address, headers={"accept-language": language}).content.decode()
        assert [word for word in words if word not in text] == [], address
