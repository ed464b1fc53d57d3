"""The list of applications, and the page to schedule an interview."""

from datetime import timedelta

import pytest
from django.urls import reverse

from interview.models import Interview, Notification
from jobs.models import Application
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
    make_room,
    make_round,
)
from tests.people import signed_in
from tests.support.clients.api import state_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

WRITTEN = (Interview, Notification, Application)


@pytest.fixture
def lin_client(client, lin):
    return signed_in(client, lin)


@pytest.fixture
def application(campaign):
    return make_application(campaign=campaign, candidate=make_candidate(name="李小龙"))


@pytest.fixture
def entries(campaign, wu):
    """A valid form: Wu, the round's 45 minutes, a morning in Beijing."""
    return {
        "round": make_round().pk,
        "room": make_room(campaign=campaign).pk,
        "day": "2030-03-04",
        "start": "09:30",
        "interviewers": [wu.pk],
    }


def address(application):
    return reverse("schedule", args=[application.pk])


# The list


def listed(client, **query):
    return client.get(reverse("applications"), query).content.decode()


def test_the_list_shows_the_applications_of_ones_campaigns(lin_client, application):
    make_application(candidate=make_candidate(name="陈欣欣"), campaign=make_campaign())
    shown = listed(lin_client)
    assert "李小龙" in shown
    assert address(application) in shown
    assert "陈欣欣" not in shown


def test_the_list_can_be_filtered(lin_client, application, campaign):
    other = make_application(
        job=make_job(campaign=campaign), candidate=make_candidate(name="陈欣欣")
    )
    make_interview(application=other)
    for query in (
        {"q": "lxl"},
        {"job": application.job_id},
        {"interview": "none"},
        {"stage": "applied"},
    ):
        shown = listed(lin_client, **query)
        assert "李小龙" in shown, query
        assert "陈欣欣" not in shown, query


def test_the_list_shows_scheduled_interviews(lin_client, application):
    interview = make_interview(application=application)
    assert reverse("interview", args=[interview.pk]) in listed(lin_client)


@pytest.mark.parametrize("name", ["wu", "chen", "sun"])
def test_only_coordinators_see_the_list(client, request, name, application):
    signed_in(client, request.getfixturevalue(name))
    assert client.get(reverse("applications")).status_code == 403
    assert client.get(address(application)).status_code == 404


def test_visitors_must_sign_in(client, application):
    for page in (reverse("applications"), address(application)):
        assert client.get(page)["Location"].startswith(reverse("login"))


def test_the_number_of_queries_does_not_grow_with_the_applications(
    lin_client, campaign, django_assert_max_num_queries
):
    for _number in range(6):
        make_interview(application=make_application(campaign=campaign))
    with django_assert_max_num_queries(16):
        listed(lin_client)


# Planning


def test_an_interview_is_scheduled_in_the_campaigns_time_zone(
    lin_client, lin, wu, application, entries
):
    response = lin_client.post(address(application), entries)
    interview = Interview.objects.get()
    assert response["Location"] == reverse("interview", args=[interview.pk])
    assert interview.starts_at.isoformat() == "2030-03-04T01:30:00+00:00"
    assert interview.ends_at - interview.starts_at == timedelta(minutes=45)
    event = interview.events.get()
    assert (event.action, event.by, event.source) == ("create", lin, "page")
    assert Notification.objects.get().recipient == wu
    application.refresh_from_db()
    assert application.stage == "interviewing"


def test_the_duration_may_differ_from_the_rounds_default(lin_client, application, entries):
    lin_client.post(address(application), entries | {"minutes": "20"})
    interview = Interview.objects.get()
    assert interview.ends_at - interview.starts_at == timedelta(minutes=20)


INVALID_ENTRIES = [
    ({"interviewers": []}, "interviewers"),
    ({"room": ""}, "room"),
    ({"day": "someday"}, "day"),
    ({"start": "25:00"}, "start"),
    ({"minutes": "0"}, "minutes"),
    ({"minutes": "721"}, "minutes"),
    ({"round": "999999"}, "round"),
]


def test_an_invalid_entry_is_reported_at_its_field(subtests, lin_client, application, entries):
    before = state_of(*WRITTEN)
    for changed, field in INVALID_ENTRIES:
        with subtests.test(changed=changed, field=field):
            response = lin_client.post(address(application), entries | changed)
            assert response.status_code == 400
            assert list(response.context["form"].errors) == [field]
            assert state_of(*WRITTEN) == before


def test_a_room_of_another_campaign_cannot_be_chosen(lin_client, application, entries):
    response = lin_client.post(address(application), entries | {"room": make_room().pk})
    assert list(response.context["form"].errors) == ["room"]


def test_only_interviewers_can_be_chosen(lin_client, sun, application, entries):
    response = lin_client.post(address(application), entries | {"interviewers": [sun.pk]})
    assert list(response.context["form"].errors) == ["interviewers"]


def test_a_room_conflict_is_reported_at_the_room(lin_client, zhao, application, entries, campaign):
    lin_client.post(address(application), entries)
    other = make_application(campaign=campaign)
    response = lin_client.post(address(other), entries | {"interviewers": [zhao.pk]})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["room"]
    assert Interview.objects.count() == 1


def test_double_booking_an_interviewer_needs_a_reason(lin_client, application, entries, campaign):
    lin_client.post(address(application), entries)
    other, elsewhere = make_application(campaign=campaign), make_room(campaign=campaign).pk
    response = lin_client.post(address(other), entries | {"room": elsewhere})
    assert list(response.context["form"].errors) == ["interviewers"]
    reason = {"room": elsewhere, "override_reason": "They sit next door"}
    lin_client.post(address(other), entries | reason)
    assert Interview.objects.count() == 2


def test_checking_availability_schedules_nothing(
    lin_client, wu, zhao, application, entries, campaign
):
    lin_client.post(address(application), entries)
    other = make_application(campaign=campaign)
    response = lin_client.post(address(other), entries | {"do": "check"})
    assert response.status_code == 200
    free = {one["id"]: one["is_free"] for one in response.context["people"]}
    assert free == {wu.pk: False, zhao.pk: True}
    rooms = {one["room"].pk: one["is_free"] for one in response.context["rooms"]}
    assert rooms == {entries["room"]: False}
    assert Interview.objects.count() == 1


def test_the_next_round_is_preselected(lin_client, application):
    make_interview(application=application, status="completed")
    page = lin_client.get(address(application))
    assert page.context["form"].initial["round"] == make_round(2).pk


def test_a_time_in_the_address_is_prefilled(lin_client, application):
    page = lin_client.get(address(application), {"day": "2030-03-04", "start": "11:15"})
    assert page.context["slot"].starts_at.isoformat() == "2030-03-04T11:15:00+08:00"
