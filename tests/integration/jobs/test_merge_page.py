"""The merge page: access, contents and refusals."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interview.models import Interview
from jobs.candidates.services import candidate_update, candidates_join
from jobs.models import Application, Campaign, Candidate
from jobs.privacy.anonymisation import candidates_anonymise
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
    make_member,
)
from tests.people import signed_in
from tests.support.clients.api import state_of

pytestmark = pytest.mark.django_db
EVERYTHING = (Candidate, Application, Interview)


@pytest.fixture
def lin_client(lin: User) -> Client:
    return signed_in(Client(headers={"accept-language": "en"}), lin)


@pytest.fixture
def pair(campaign: Campaign) -> tuple[Candidate, Candidate]:
    """Two records of one person; the newer one is less complete."""
    return (
        make_candidate(campaign=campaign, name="李娜", school="复旦大学", city="上海"),
        make_candidate(campaign=campaign, name="李娜", school="复旦大学", email="", major="物理"),
    )


def address(*pair: Candidate) -> str:
    return f"{reverse('merge')}?one={pair[0].pk}&other={pair[1].pk}"


def answers(page: Any, **changed: Any) -> dict[str, Any]:
    """Returns the form data of the page with its proposed choices."""
    context = page.context
    proposed = {line.field: line.proposed for line in context["comparisons"] if line.differs}
    asked = {"stays": context["records"][0].id, "seen": context["seen"], **proposed}
    return asked | changed


def test_the_page_proposes_the_older_record_and_the_only_value_of_a_field(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    older, newer = pair
    page = lin_client.get(address(newer, older))
    assert [record.id for record in page.context["records"]] == [older.pk, newer.pk]
    proposed = answers(page)
    assert proposed["stays"] == proposed["mobile"] == proposed["city"] == older.pk
    assert proposed["major"] == newer.pk
    assert not {"name", "school"} & proposed.keys(), "equal values need no choice"


def test_the_page_warns_about_records_with_nothing_in_common(
    lin_client: Client, pair: tuple[Candidate, Candidate], campaign: Campaign
) -> None:
    stranger = make_candidate(campaign=campaign, name="王芳", school="复旦大学", email="")
    warning = "have different names, mobile numbers and e-mail addresses"
    assert warning in lin_client.get(address(pair[0], stranger)).content.decode()
    assert warning not in lin_client.get(address(*pair)).content.decode(), "the names are the same"


def test_the_button_merges_two_records_into_one(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    older, newer = pair
    interview = make_interview(application=make_application(candidate=newer, job=_job(older)))
    page = lin_client.get(address(*pair))
    response = lin_client.post(address(*pair), answers(page, mobile=newer.pk), follow=True)
    assert response.redirect_chain == [(f"{reverse('candidates')}?q=%E6%9D%8E%E5%A8%9C", 302)]
    assert "The two records of 李娜 were merged." in response.content.decode()
    kept = Candidate.objects.get()
    assert (kept.pk, kept.mobile, kept.major) == (older.pk, newer.mobile, "物理")
    assert kept.applications.get().pk == interview.application_id


def test_the_newer_record_can_be_kept(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    older, newer = pair
    page = lin_client.get(address(*pair))
    lin_client.post(address(*pair), answers(page, stays=newer.pk))
    kept = Candidate.objects.get()
    assert (kept.pk, kept.email, kept.city) == (newer.pk, older.email, "上海")


def test_the_page_says_which_of_two_applications_for_a_job_is_kept(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    job = _job(pair[0])
    assert "Both records have an application" not in lin_client.get(address(*pair)).content.decode()
    for candidate in pair:
        make_application(candidate=candidate, job=job)
    said = lin_client.get(address(*pair)).content.decode()
    assert f"Both records have an application for {job.title}." in said
    assert f"The application of record no. {pair[0].pk} (Applied) is kept" in said


def _job(candidate: Candidate) -> Any:
    return make_job(campaign=candidate.campaigns.get())


def test_an_outdated_page_merges_nothing_and_shows_both_records_again(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    asked = answers(lin_client.get(address(*pair)))
    candidate_update(candidate=pair[1], city="南京")
    before = state_of(*EVERYTHING)
    response = lin_client.post(address(*pair), asked)
    assert response.status_code == 409
    assert "has changed since you opened this page" in response.content.decode()
    assert "南京" in response.content.decode()
    assert state_of(*EVERYTHING) == before


def test_a_second_merge_is_told_that_the_records_were_merged_already(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    asked = answers(lin_client.get(address(*pair)))
    lin_client.post(address(*pair), asked)
    response = lin_client.post(address(*pair), asked)
    assert response.status_code == 404
    assert "Somebody may have merged them already" in response.content.decode()


@pytest.mark.parametrize("missing", ["stays", "mobile"])
def test_an_incomplete_merge_form_is_shown_again(
    lin_client: Client, pair: tuple[Candidate, Candidate], missing: str
) -> None:
    asked = answers(lin_client.get(address(*pair)))
    for value in (None, "x", "0"):
        sent = {name: one for name, one in asked.items() if name != missing}
        response = lin_client.post(address(*pair), sent | ({missing: value} if value else {}))
        assert response.status_code == 422
    assert Candidate.objects.count() == 2


def test_anonymised_candidates_are_not_merged(
    lin_client: Client, lin: User, pair: tuple[Candidate, Candidate]
) -> None:
    asked = answers(lin_client.get(address(*pair)))
    candidates_anonymise(candidates=[pair[1].pk], by=lin)
    for response in (lin_client.get(address(*pair)), lin_client.post(address(*pair), asked)):
        assert response.status_code == 409
        assert "has been anonymised" in response.content.decode()
    assert Candidate.objects.count() == 2


def test_a_record_of_another_campaign_is_not_found_by_its_outsiders(
    lin_client: Client, lin: User, pair: tuple[Candidate, Candidate]
) -> None:
    theirs = make_candidate(campaign=make_campaign())
    before = state_of(*EVERYTHING)
    for response in (
        lin_client.get(address(pair[0], theirs)),
        lin_client.post(address(pair[0], theirs)),
    ):
        assert response.status_code == 404
        assert theirs.mobile not in response.content.decode()
    assert state_of(*EVERYTHING) == before


def test_a_candidate_of_two_campaigns_is_merged_only_by_a_coordinator_of_both(
    lin_client: Client, lin: User, pair: tuple[Candidate, Candidate]
) -> None:
    elsewhere = make_campaign()
    candidates_join(candidates=[pair[1]], campaign=elsewhere)
    response = lin_client.get(address(*pair))
    assert response.status_code == 403
    assert "also belongs to a campaign that you do not coordinate" in response.content.decode()
    assert lin_client.post(address(*pair)).status_code == 403
    make_member(elsewhere, lin)
    assert lin_client.get(address(*pair)).status_code == 200


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_merging_is_for_coordinators(
    client: Client,
    person: str,
    request: pytest.FixtureRequest,
    pair: tuple[Candidate, Candidate],
) -> None:
    theirs = signed_in(client, request.getfixturevalue(person))
    assert theirs.get(address(*pair)).status_code == 403
    assert theirs.post(address(*pair)).status_code == 403
    assert Candidate.objects.count() == 2


def test_a_superuser_can_merge_any_two_candidates(client: Client, admin: User) -> None:
    pair = (make_candidate(campaign=make_campaign()), make_candidate(campaign=make_campaign()))
    theirs = signed_in(client, admin)
    theirs.post(address(*pair), answers(theirs.get(address(*pair))))
    assert Candidate.objects.get() == pair[0]


def test_merging_needs_a_sign_in(client: Client, pair: tuple[Candidate, Candidate]) -> None:
    for response in (client.get(address(*pair)), client.post(address(*pair))):
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))
    assert Candidate.objects.count() == 2


def test_other_methods_are_refused(lin_client: Client, pair: tuple[Candidate, Candidate]) -> None:
    assert lin_client.put(address(*pair)).status_code == 405
    assert lin_client.delete(address(*pair)).status_code == 405
    assert Candidate.objects.count() == 2


@pytest.mark.parametrize(
    "asked", ["", "?one=1", "?one=1&other=1", "?one=x&other=2", "?one=1&other=9e9"]
)
def test_an_address_without_two_different_candidates_is_not_found(
    lin_client: Client, asked: str
) -> None:
    assert lin_client.get(reverse("merge") + asked).status_code == 404


def test_the_page_takes_a_constant_number_of_queries(
    lin_client: Client, campaign: Campaign
) -> None:
    def queries(number: int) -> int:
        pair = (make_candidate(campaign=campaign), make_candidate(campaign=campaign))
        for candidate in pair:
            for _one in range(number):
                application = make_application(candidate=candidate, campaign=campaign)
                make_interview(application=application)
        with CaptureQueriesContext(connection) as captured:
            assert lin_client.get(address(*pair)).status_code == 200
        return len(captured)

    queries(1)  # fills the caches
    assert queries(1) == queries(5)


def test_the_list_links_possible_duplicates_to_the_merge_page(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    shown = lin_client.get(reverse("candidates")).content.decode()
    link = f"{reverse('merge')}?one={pair[1].pk}&amp;other={pair[0].pk}"
    assert shown.count(f'href="{link}"') == 1


def test_exactly_two_selected_candidates_can_be_compared(
    lin_client: Client, pair: tuple[Candidate, Candidate]
) -> None:
    ids = [candidate.pk for candidate in pair]
    response = lin_client.post(reverse("candidates"), {"candidates": ids, "do": "merge"})
    assert response["Location"] == address(*pair)
    for some in ([], ids[:1], [*ids, 99]):
        response = lin_client.post(
            reverse("candidates"), {"candidates": some, "do": "merge"}, follow=True
        )
        assert "Choose exactly two candidates to merge." in response.content.decode()
    assert Application.objects.count() == 0
