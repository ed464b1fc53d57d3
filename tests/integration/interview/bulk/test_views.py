"""The pages of bulk actions: schedule applications, move them, notify their interviewers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from interview.bulk.tasks import apply_bulk_plan, move_applications, remind_interviewers
from interview.models import BulkLine, BulkPlan, Interview, Notification
from jobs.models import Application
from realtime.background.tracked_tasks import TaskContext
from realtime.models import TaskRun
from tests.factories import (
    make_application,
    make_candidate,
    make_interview,
    make_job,
    make_room,
    make_round,
)
from tests.people import signed_in
from tests.support.clients.api import state_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
WATCHED = (Application, BulkPlan, BulkLine, Interview, Notification, TaskRun)
PLANS = "bulk_plans"


@pytest.fixture
def lin_client(client, lin):
    return signed_in(client, lin)


@pytest.fixture
def applications(campaign):
    job = make_job(campaign=campaign)
    return [make_application(job=job) for _ in range(3)]


def ids(applications) -> str:
    return ",".join(str(one.pk) for one in applications)


@pytest.fixture
def entries(campaign, wu, zhao, applications):
    """The settings form of a plan, as the browser sends it."""
    return {
        "do": "propose", "application": ids(applications), "round": make_round().pk,
        "first_day": "2030-03-01", "last_day": "2030-03-04", "opens_at": "09:00",
        "closes_at": "12:00", "slot_minutes": "45", "buffer_minutes": "10", "people_each": "1",
        "daily_limit": "8", "rooms": [make_room(campaign=campaign).pk],
        "interviewers": [wu.pk, zhao.pk],
    }  # fmt: skip


@pytest.fixture
def plan(lin_client, entries):
    lin_client.post(reverse(PLANS), entries)
    return BulkPlan.objects.get()


def execute(task) -> TaskRun:
    """Executes the only run, as a worker would."""
    run = TaskRun.objects.get()
    with translation.override("en"):
        run.message = task.function(TaskContext(run), *run.arguments).message
    return run


def page(client, plan, **query) -> str:
    return client.get(reverse("bulk_plan", args=[plan.pk]), query).content.decode()


def test_selected_applications_are_proposed_on_working_days(lin_client, plan, applications):
    assert [str(day) for day in plan.days] == ["2030-03-01", "2030-03-04"]
    assert plan.lines.count() == 3
    shown = page(lin_client, plan)
    assert all(one.candidate.name in shown for one in applications)


def test_all_matching_applications_can_be_selected_without_ticking_them(
    lin_client, applications, campaign
):
    other = make_application(campaign=campaign, candidate=make_candidate(name="陈欣欣"))
    response = lin_client.post(f"{reverse(PLANS)}?q=cxx", {"every": "yes"})
    assert [one.pk for one in response.context["applications"]] == [other.pk]


INVALID_ENTRIES = [
    ({"rooms": []}, "rooms"),
    ({"interviewers": []}, "interviewers"),
    ({"last_day": "2030-02-01"}, "last_day"),
    ({"last_day": "2031-02-01"}, "last_day"),
    ({"first_day": "2030-03-02", "last_day": "2030-03-03"}, "last_day"),
    ({"closes_at": "08:00"}, "closes_at"),
    ({"slot_minutes": "x"}, "slot_minutes"),
    ({"people_each": "3"}, "people_each"),
]


def test_an_invalid_entry_is_reported_at_its_field(subtests, lin_client, entries):
    for changed, field in INVALID_ENTRIES:
        with subtests.test(changed=changed, field=field):
            response = lin_client.post(reverse(PLANS), entries | changed)
            assert response.status_code == 400
            assert (
                field in response.context["form"].errors
                or response.context["form"].non_field_errors()
            )
            assert not BulkPlan.objects.exists()


def test_applications_of_two_campaigns_cannot_be_scheduled_together(client, admin, applications):
    signed_in(client, admin)
    both = [*applications, make_application()]
    response = client.post(
        reverse(PLANS), {"application": ids(both)}, follow=True, headers={"accept-language": "en"}
    )
    assert "one campaign" in response.content.decode()


def test_adjusting_a_line_uses_the_campaigns_time_zone_and_locks_it(lin_client, plan, zhao):
    line = plan.lines.first()
    assert 'name="start"' in page(lin_client, plan, line=line.pk)
    posted = {
        "version": plan.version, "day": "2030-03-04", "start": "11:05", "room": line.room_id,
        "interviewers": [zhao.pk], "override_reason": "",
    }  # fmt: skip
    response = lin_client.post(reverse("bulk_line", args=[plan.pk, line.pk]), posted)
    assert response["Location"].endswith(f"#line-{line.pk}")
    line.refresh_from_db()
    assert (line.starts_at.isoformat(), line.interviewers, line.is_locked) == (
        "2030-03-04T03:05:00+00:00", [zhao.pk], True,
    )  # fmt: skip
    lin_client.post(
        reverse("bulk_line", args=[plan.pk, line.pk]), {"do": "leave_out", "version": 1}
    )
    line.refresh_from_db()
    assert not line.is_left_out, "the version was stale"


def test_a_double_click_starts_one_run_and_shows_its_progress(lin_client, plan):
    apply = reverse("bulk_do", args=[plan.pk, "apply"])
    for _click in range(2):
        lin_client.post(apply, {"version": plan.version})
    assert 'id="progress"' in page(lin_client, plan)
    run = execute(apply_bulk_plan)
    assert run.message == "3 interviews scheduled"
    assert Interview.objects.count() == 3


def test_the_plan_page_takes_a_bounded_number_of_queries(
    lin_client, plan, entries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22):
        page(lin_client, plan)


@pytest.mark.parametrize("name", ["wu", "chen", "sun"])
def test_only_coordinators_of_the_campaign_reach_its_plans(client, request, plan, entries, name):
    client.logout()
    signed_in(client, request.getfixturevalue(name))
    line = plan.lines.first()
    before = state_of(*WATCHED)
    posted = {"version": plan.version, "do": "lock", "application": entries["application"]}
    assert client.get(reverse(PLANS)).status_code == 403
    assert client.post(reverse(PLANS), entries).status_code == 403
    assert client.get(reverse("bulk_plan", args=[plan.pk])).status_code == 404
    assert client.post(reverse("bulk_line", args=[plan.pk, line.pk]), posted).status_code == 404
    assert client.post(reverse("bulk_do", args=[plan.pk, "apply"]), posted).status_code == 404
    assert client.post(reverse("bulk_move"), posted).status_code == 403
    assert client.post(reverse("bulk_tell"), posted).status_code == 403
    assert state_of(*WATCHED) == before


def test_visitors_must_sign_in_and_actions_refuse_get(client, lin_client, plan):
    for address in (reverse("bulk_do", args=[plan.pk, "apply"]), reverse("bulk_move")):
        assert client.get(address).status_code == 405
    client.logout()
    for address in (reverse(PLANS), reverse("bulk_plan", args=[plan.pk]), reverse("bulk_tell")):
        assert client.post(address)["Location"].startswith(reverse("login"))


# Stages


def test_only_applications_unchanged_since_they_were_shown_are_moved(lin_client, lin, applications):
    first, second, third = applications
    response = lin_client.post(reverse("bulk_move"), {"application": ids(applications)})
    posted = response.context["form"].initial | {"stage": "screening", "reason": ""}
    Application.objects.filter(pk=second.pk).update(version=2)
    Application.objects.filter(pk=third.pk).update(stage="screening")
    for _click in range(2):
        lin_client.post(reverse("bulk_move"), posted)
    run = execute(move_applications)
    assert run.message == "1 moved, 1 already there, 1 changed since"
    first.refresh_from_db()
    assert (first.stage, first.version, first.events.last().by) == ("screening", 2, lin)
    second.refresh_from_db()
    assert second.stage == "applied"
    result = move_applications.function(TaskContext(run), *run.arguments)
    assert f"only={first.pk},{second.pk}" in result.url or f"only={second.pk}" in result.url
    listed = lin_client.get(reverse("applications"), {"only": str(second.pk)}).content.decode()
    assert second.candidate.name in listed
    assert third.candidate.name not in listed


def test_an_unknown_stage_moves_no_application(lin_client, applications):
    response = lin_client.post(reverse("bulk_move"), {"application": ids(applications)})
    posted = response.context["form"].initial | {"stage": "limbo", "reason": ""}
    before = state_of(*WATCHED)
    assert lin_client.post(reverse("bulk_move"), posted).status_code == 400
    for seen in ("", "1", "1:x", "1:1;2:1"):
        assert lin_client.post(reverse("bulk_move"), posted | {"seen": seen}).status_code == 302
    assert state_of(*WATCHED) == before


def test_applications_of_other_campaigns_are_not_moved(lin_client, applications):
    foreign = make_application()
    response = lin_client.post(reverse("bulk_move"), {"application": ids(applications)})
    posted = response.context["form"].initial | {"stage": "screening", "reason": ""}
    posted["seen"] += f",{foreign.pk}:1"
    lin_client.post(reverse("bulk_move"), posted)
    assert execute(move_applications).message == "3 moved"
    foreign.refresh_from_db()
    assert foreign.stage == "applied"


# Reminders


def test_the_recipients_are_shown_before_a_reminder_is_sent(lin_client, applications, wu):
    make_interview(
        application=applications[0],
        interviewers=[wu],
        starts_at=timezone.now() + timedelta(hours=3),
    )
    posted = {"application": ids(applications)}
    response = lin_client.post(reverse("bulk_tell"), posted)
    assert "吴磊" in response.content.decode()
    assert not TaskRun.objects.exists()
    for _click in range(2):
        lin_client.post(reverse("bulk_tell"), posted | {"token": str(response.context["token"])})
    assert execute(remind_interviewers).message == "1 notice was sent."
    assert Notification.objects.filter(event="reminder", recipient=wu).count() == 1
