"""The services of candidates, applications and languages: what they write and refuse."""

import pytest
from django.core.exceptions import ValidationError

from jobs.applications import services as application_services
from jobs.applications.services import StaleVersion
from jobs.candidates import services as candidate_services
from jobs.models import Application, Candidate
from tests.factories import make_application, make_campaign, make_candidate, make_job

pytestmark = pytest.mark.django_db


def test_a_candidate_is_stored_in_the_form_in_which_he_is_searched():
    bruce = candidate_services.candidate_create(
        name=" 李小龙 ", mobile="189 0000 3333", email="Bruce@Example.com"
    )
    bruce.refresh_from_db()
    assert (bruce.name, bruce.pinyin, bruce.initials) == ("李小龙", "lixiaolong", "lxl")
    assert (bruce.mobile, bruce.email) == ("+8618900003333", "bruce@example.com")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, {"name"}),
        ({"mobile": "12"}, {"mobile"}),
        ({"email": "nobody", "mobile": "12"}, {"email", "mobile"}),
        ({"general_score": 101}, {"general_score"}),
        ({"city": "x" * 61}, {"city"}),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(fields, wrong):
    with pytest.raises(ValidationError) as refused:
        candidate_services.candidate_create(**({"name": "李", "mobile": "18900003333"} | fields))
    assert set(refused.value.message_dict) == wrong
    assert Candidate.objects.count() == 0


def test_nobody_is_entered_twice():
    candidate_services.candidate_create(name="李", mobile="18900003333", email="a@example.com")
    with pytest.raises(ValidationError) as refused:
        candidate_services.candidate_create(
            name="李", mobile="+86 18900003333", email="A@example.com"
        )
    assert set(refused.value.message_dict) == {"mobile", "email"}


def test_a_changed_name_is_found_by_its_new_spelling():
    someone = make_candidate(name="李小龙")
    candidate_services.candidate_update(candidate=someone, name="陈欣欣")
    assert Candidate.objects.search("cxx").get() == someone
    assert someone.mobile


@pytest.mark.parametrize("words", ["小龙", "lixiao", "lxl", "3333", "Bruce@", "li xiao long"])
def test_a_candidate_is_found_by_name_pinyin_initials_address_and_phone_end(words):
    bruce = candidate_services.candidate_create(
        name="李小龙", mobile="18900003333", email="bruce@example.com"
    )
    make_candidate(name="陈欣欣", mobile="18600001111", email="other@example.com")
    assert list(Candidate.objects.search(words)) == [bruce]


def test_an_application_begins_its_history_and_brings_the_candidate_into_the_campaign(lin):
    someone, job = make_candidate(), make_job()
    application = application_services.application_create(candidate=someone, job=job, by=lin)
    event = application.events.get()
    assert (event.from_stage, event.to_stage, event.by) == ("", "applied", lin)
    assert list(someone.campaigns.all()) == [job.campaign]


def test_nobody_applies_twice_for_one_job(lin):
    application = make_application()
    with pytest.raises(ValidationError):
        application_services.application_create(
            candidate=application.candidate, job=application.job, by=lin
        )
    assert Application.objects.count() == 1


def test_several_apply_at_once_and_those_who_had_are_left_alone(lin):
    application = make_application()
    newcomer = make_candidate()
    created = application_services.applications_create(
        candidates=[application.candidate, newcomer], job=application.job, by=lin
    )
    assert [one.candidate for one in created] == [newcomer]
    assert application.events.count() == 1


def test_a_move_is_remembered_with_who_and_why(lin):
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


def test_a_stale_version_is_refused_with_the_application_as_it_is(lin):
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
def test_a_move_to_nowhere_is_refused(lin, to, field):
    application = make_application()
    with pytest.raises(ValidationError) as refused:
        application_services.application_move(application=application, to=to, version=1, by=lin)
    assert set(refused.value.message_dict) == {field}
    assert application.events.count() == 1


def test_a_closed_application_is_opened_again_only_with_a_reason(lin):
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


def test_who_has_applied_does_not_leave_the_campaign():
    campaign = make_campaign()
    application = make_application(campaign=campaign)
    other = make_candidate(campaign=campaign)
    gone = candidate_services.candidates_leave(
        candidates=[application.candidate_id, other.pk], campaign=campaign
    )
    assert gone == 1
    assert list(campaign.candidates.all()) == [application.candidate]
