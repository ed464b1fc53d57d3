"""The services for candidates and applications: what they store and refuse."""

import pytest
from django.core.exceptions import ValidationError

from jobs.applications import services as application_services
from jobs.applications.services import StaleVersion
from jobs.candidates import services as candidate_services
from jobs.models import Application, Candidate
from tests.factories import make_application, make_campaign, make_candidate, make_job

pytestmark = pytest.mark.django_db


def test_a_candidates_name_and_contacts_are_stored_normalised_for_search():
    bruce = candidate_services.candidate_create(
        name=" 李小龙 ", mobile="189 0000 3333", email="Bruce@Example.com"
    )
    bruce.refresh_from_db()
    assert (bruce.name, bruce.pinyin, bruce.initials) == ("李小龙", "lixiaolong", "lxl")
    assert (bruce.mobile, bruce.email) == ("+8618900003333", "bruce@example.com")


@pytest.mark.parametrize(
    ("fields", "invalid"),
    [
        ({"name": ""}, {"name"}),
        ({"mobile": "12"}, {"mobile"}),
        ({"email": "nobody", "mobile": "12"}, {"email", "mobile"}),
        ({"general_score": 101}, {"general_score"}),
        ({"city": "x" * 61}, {"city"}),
    ],
)
def test_an_invalid_value_is_refused_at_its_field(fields, invalid):
    with pytest.raises(ValidationError) as refused:
        candidate_services.candidate_create(**({"name": "李", "mobile": "18900003333"} | fields))
    assert set(refused.value.message_dict) == invalid
    assert Candidate.objects.count() == 0


def test_a_candidate_with_known_contacts_is_refused():
    candidate_services.candidate_create(name="李", mobile="18900003333", email="a@example.com")
    with pytest.raises(ValidationError) as refused:
        candidate_services.candidate_create(
            name="李", mobile="+86 18900003333", email="A@example.com"
        )
    assert set(refused.value.message_dict) == {"mobile", "email"}


def test_a_renamed_candidate_is_found_by_the_new_initials():
    candidate = make_candidate(name="李小龙")
    candidate_services.candidate_update(candidate=candidate, name="陈欣欣")
    assert Candidate.objects.search("cxx").get() == candidate
    assert candidate.mobile


@pytest.mark.parametrize("words", ["小龙", "lixiao", "lxl", "3333", "Bruce@", "li xiao long"])
def test_a_candidate_is_found_by_name_pinyin_initials_email_and_last_digits(words):
    bruce = candidate_services.candidate_create(
        name="李小龙", mobile="18900003333", email="bruce@example.com"
    )
    make_candidate(name="陈欣欣", mobile="18600001111", email="other@example.com")
    assert list(Candidate.objects.search(words)) == [bruce]


def test_an_application_starts_its_history_and_adds_the_candidate_to_the_campaign(lin):
    candidate, job = make_candidate(), make_job()
    application = application_services.application_create(candidate=candidate, job=job, by=lin)
    event = application.events.get()
    assert (event.from_stage, event.to_stage, event.by) == ("", "applied", lin)
    assert list(candidate.campaigns.all()) == [job.campaign]


def test_a_second_application_for_the_same_job_is_refused(lin):
    application = make_application()
    with pytest.raises(ValidationError):
        application_services.application_create(
            candidate=application.candidate, job=application.job, by=lin
        )
    assert Application.objects.count() == 1


def test_entering_several_applications_skips_candidates_who_have_applied(lin):
    application = make_application()
    newcomer = make_candidate()
    created = application_services.applications_create(
        candidates=[application.candidate, newcomer], job=application.job, by=lin
    )
    assert [one.candidate for one in created] == [newcomer]
    assert application.events.count() == 1


def test_a_stage_change_records_the_user_and_the_reason(lin):
    application = make_application()
    moved = application_services.application_move(
        application=application, to="rejected", version=1, by=lin, reason="No visa"
    )
    event = moved.events.last()
    assert (moved.stage, moved.version) == ("rejected", 2)
    assert (event.from_stage, event.to_stage, event.by, event.reason) == (
        "applied",
        "rejected",
        lin,
        "No visa",
    )


def test_a_stale_version_is_refused_and_the_current_application_returned(lin):
    application = make_application()
    application_services.application_move(
        application=application, to="screening", version=1, by=lin
    )
    with pytest.raises(StaleVersion) as refused:
        application_services.application_move(
            application=application, to="offer", version=1, by=lin
        )
    assert refused.value.application.stage == "screening"
    application.refresh_from_db()
    assert (application.stage, application.version) == ("screening", 2)


@pytest.mark.parametrize(("to", "field"), [("applied", "stage"), ("promoted", "stage")])
def test_a_change_to_the_same_or_an_unknown_stage_is_refused(lin, to, field):
    application = make_application()
    with pytest.raises(ValidationError) as refused:
        application_services.application_move(application=application, to=to, version=1, by=lin)
    assert set(refused.value.message_dict) == {field}
    assert application.events.count() == 1


def test_a_closed_application_is_reopened_only_with_a_reason(lin):
    application = make_application()
    application_services.application_move(application=application, to="rejected", version=1, by=lin)
    with pytest.raises(ValidationError) as refused:
        application_services.application_move(
            application=application, to="screening", version=2, by=lin
        )
    assert set(refused.value.message_dict) == {"reason"}
    application_services.application_move(
        application=application, to="screening", version=2, by=lin, reason="Mixed up"
    )


def test_candidates_who_have_applied_cannot_leave_the_campaign():
    campaign = make_campaign()
    application = make_application(campaign=campaign)
    other = make_candidate(campaign=campaign)
    removed = candidate_services.candidates_leave(
        candidates=[application.candidate_id, other.pk], campaign=campaign
    )
    assert removed == 1
    assert list(campaign.candidates.all()) == [application.candidate]
