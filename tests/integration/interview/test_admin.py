"""The admin: everybody sees only their own rows, and writes only through the services."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interview.bulk.tasks import remind_interviewers
from interview.models import Interview, Notification, Room
from interview.models.states import Status
from jobs.models import Application, Campaign, Candidate, Job
from realtime.background.tracked_tasks import TaskContext
from realtime.models import TaskRun
from tests.factories import (
    bring_to,
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_interviewer,
    make_job,
    make_room,
    make_scorecard,
)
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db

OURS = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}"
    for model in site._registry
    if model._meta.app_label in {"jobs", "interview", "realtime"}
)


def page(client, name: str, *, status: int = 200, **query: str) -> str:
    response = client.get(reverse(f"admin:{name}_changelist"), query)
    assert response.status_code == status, name
    return response.content.decode()


def act(client, name: str, action: str, *rows) -> str:
    """Run an action on these rows and return the page with its result."""
    response = client.post(
        reverse(f"admin:{name}_changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]},
        follow=True,
    )
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def elsewhere():
    """An interview in a campaign in which none of the fixture users takes part."""
    return make_interview(campaign=make_campaign(slug="elsewhere", name="Elsewhere"))


def test_every_list_and_form_opens_for_a_superuser(client, admin, campaign, wu):
    interview = make_interview(campaign=campaign, interviewers=[wu], status="completed")
    signed_in(client, admin)
    for name in OURS:
        page(client, name)
    for row in (campaign, interview, interview.application, interview.application.candidate):
        meta = row._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
        assert client.get(url).status_code == 200, url
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_user_without_a_role_cannot_open_the_admin(client, sun):
    url = reverse("admin:index")
    assert client.get(url).status_code == 302
    signed_in(client, sun)
    assert client.get(url).status_code == 302


def test_a_coordinator_sees_only_the_rows_of_their_campaigns(client, lin, campaign, elsewhere):
    own = make_interview(campaign=campaign)
    signed_in(client, lin)
    for name, mine, other in [
        ("jobs_campaign", campaign.slug, "elsewhere"),
        ("jobs_job", own.application.job.title, elsewhere.application.job.title),
        ("jobs_candidate", own.application.candidate.email, elsewhere.application.candidate.email),
        ("jobs_application", own.application.job.title, elsewhere.application.job.title),
        ("interview_room", own.room.name, elsewhere.room.name),
        ("interview_interview", own.room.name, elsewhere.room.name),
    ]:
        shown = page(client, name)
        assert mine in shown, name
        assert other not in shown, name
    url = reverse("admin:interview_interview_change", args=[elsewhere.pk])
    assert client.get(url).status_code == 302, "the same response as for a missing row"


def test_an_interviewer_sees_their_candidates_without_contact_details(client, wu, campaign, lin):
    own = make_interview(campaign=campaign, interviewers=[wu])
    other = make_interview(campaign=campaign)
    signed_in(client, wu)
    interviews = page(client, "interview_interview")
    assert own.room.name in interviews
    assert other.room.name not in interviews
    candidates = page(client, "jobs_candidate")
    candidate = own.application.candidate
    assert candidate.name in candidates
    assert candidate.mobile not in candidates
    assert other.application.candidate.name not in candidates
    form = client.get(reverse("admin:jobs_candidate_change", args=[candidate.pk]))
    assert candidate.name in form.content.decode()
    assert candidate.mobile not in form.content.decode()
    page(client, "jobs_application", status=403)
    page(client, "interview_interviewevent", status=403)


def test_an_interviewer_cannot_search_by_hidden_contact_details(client, wu, campaign):
    candidate = make_candidate(campaign=campaign, name="李小龙")  # no digits to be found by
    application = make_application(candidate=candidate, campaign=campaign)
    make_interview(application=application, interviewers=[wu])
    signed_in(client, wu)
    people = reverse("admin:jobs_candidate_changelist")
    for words, found in ((candidate.name, 1), (candidate.mobile[-4:], 0), (candidate.email, 0)):
        assert client.get(people, {"q": words}).context["cl"].result_count == found


def test_scorecards_are_hidden_from_interviewers_who_have_not_submitted(
    client, wu, zhao, campaign, admin
):
    interview = make_interview(campaign=campaign, interviewers=[wu, zhao], status="feedback_due")
    card = make_scorecard(interview=interview, interviewer=zhao, strengths="Calm under fire")
    url = reverse("admin:interview_scorecard_change", args=[card.pk])
    signed_in(client, wu)
    assert "Calm under fire" not in client.get(url).content.decode()
    assert "Calm under fire" not in page(client, "interview_scorecard")
    make_scorecard(interview=interview, interviewer=wu)
    assert "Calm under fire" in client.get(url).content.decode()


def test_publishing_and_withdrawing_report_how_many_jobs_changed(client, lin, campaign):
    hidden = make_job(campaign=campaign, is_published=False)
    shown = make_job(campaign=campaign)
    signed_in(client, lin)
    act(client, "jobs_job", "publish", hidden, shown)
    assert Job.objects.filter(is_published=True).count() == 2
    act(client, "jobs_job", "unpublish", shown)
    assert not Job.objects.get(pk=shown.pk).is_published


def test_a_coordinator_cannot_publish_jobs_of_other_campaigns(client, lin, elsewhere):
    job = elsewhere.application.job
    signed_in(client, lin)
    act(client, "jobs_job", "unpublish", job)
    assert Job.objects.get(pk=job.pk).is_published


def test_moving_applications_records_their_history(client, lin, campaign):
    first, second = make_application(campaign=campaign), make_application(campaign=campaign)
    signed_in(client, lin)
    act(client, "jobs_application", "move_to_offer", first, second)
    for application in (first, second):
        moved = Application.objects.get(pk=application.pk)
        assert (moved.stage, moved.version) == ("offer", 2)
        assert moved.events.last().by == lin
    page = act(client, "jobs_application", "move_to_offer", first)
    assert "warning" in page, "a refusal is shown"
    assert first.events.count() == 2


def confirmation_context(client, name: str, *rows) -> dict:
    """Return the context of the confirmation page of the action."""
    form = {"action": "notify_interviewers", "_selected_action": [row.pk for row in rows]}
    response = client.post(reverse(f"admin:{name}_changelist"), form)
    assert response.status_code == 200
    return (
        form
        | {"token": str(response.context["token"])}
        | {"recipients": response.context["recipients"]}
    )


def confirm(client, name: str, context: dict) -> None:
    form = {key: value for key, value in context.items() if key != "recipients"}
    assert client.post(reverse(f"admin:{name}_changelist"), form).status_code == 302


def run_as_worker(run: TaskRun) -> None:
    """Run the task as a worker does."""
    remind_interviewers.function(TaskContext(run), *run.arguments)


def test_interviewers_are_notified_once_of_upcoming_interviews(client, lin, wu, zhao, campaign):
    """The confirmation page leaves out past interviews and interviews without recipients."""
    coming = make_interview(campaign=campaign, interviewers=[wu, zhao])
    over = make_interview(campaign=campaign, status="completed")
    without_interviewers = make_interview(campaign=campaign)
    without_interviewers.assignments.get().delete()
    signed_in(client, lin)
    reminders = Notification.objects.filter(event="reminder")
    context = confirmation_context(
        client, "interview_interview", coming, over, without_interviewers
    )
    recipients = context["recipients"]
    assert (recipients.notice_count, recipients.without_interviewer, recipients.already_begun) == (
        2,
        1,
        1,
    )
    assert not TaskRun.objects.exists(), "the action is not confirmed yet"
    confirm(client, "interview_interview", context)
    confirm(client, "interview_interview", context)
    run_as_worker(TaskRun.objects.get())
    assert {notice.recipient for notice in reminders} == {wu, zhao}
    assert {notice.interview for notice in reminders} == {coming}
    again = confirmation_context(client, "interview_interview", coming)["recipients"]
    assert (again.notice_count, again.already_notified) == (0, 2), "each version is announced once"


def test_notifying_about_candidates_is_limited_to_own_campaigns(
    client, lin, wu, zhao, campaign, elsewhere
):
    own = make_interview(campaign=campaign, interviewers=[wu])
    candidate = own.application.candidate
    make_interview(
        application=make_application(candidate=candidate, job=elsewhere.application.job),
        starts_at=timezone.now() + timedelta(days=1),
        interviewers=[zhao],
    )
    signed_in(client, lin)
    context = confirmation_context(client, "jobs_candidate", candidate)
    assert context["recipients"].people == {wu.pk}
    confirm(client, "jobs_candidate", context)
    run_as_worker(TaskRun.objects.get())
    assert [one.recipient for one in Notification.objects.filter(event="reminder")] == [wu]


def test_all_rows_of_a_list_can_be_selected(client, lin, wu, campaign):
    interviews = [
        make_interview(
            campaign=campaign, interviewers=[wu], starts_at=timezone.now() + timedelta(hours=2 * n)
        )
        for n in (1, 2, 3)
    ]
    signed_in(client, lin)
    form = {
        "action": "notify_interviewers", "select_across": "1",
        "_selected_action": [interviews[0].pk],
    }  # fmt: skip
    response = client.post(reverse("admin:interview_interview_changelist"), form)
    assert response.context["recipients"].notice_count == 3
    assert b'name="select_across" value="1"' in response.content


@pytest.mark.parametrize("name", ["interview_interview", "jobs_candidate"])
def test_notifying_needs_the_permission(client, wu, campaign, name):
    interview = make_interview(campaign=campaign, interviewers=[wu])
    rows = {"interview_interview": interview, "jobs_candidate": interview.application.candidate}
    signed_in(client, wu)
    act(client, name, "notify_interviewers", rows[name])
    form = {"action": "notify_interviewers", "_selected_action": [rows[name].pk], "token": "x"}
    client.post(reverse(f"admin:{name}_changelist"), form)
    assert not TaskRun.objects.exists()
    assert not Notification.objects.filter(event="reminder").exists()


def test_interviews_and_events_are_read_only(client, admin, campaign):
    interview = make_interview(campaign=campaign)
    signed_in(client, admin)
    for name, row in [
        ("interview_interview", interview),
        ("interview_interviewevent", interview.events.get()),
        ("jobs_applicationevent", interview.application.events.first()),
    ]:
        assert client.get(reverse(f"admin:{name}_add")).status_code == 403
        url = reverse(f"admin:{name}_change", args=[row.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"status": "completed"}).status_code == 403
        assert client.post(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403
    assert Interview.objects.get(pk=interview.pk).status == Status.SCHEDULED


def test_saving_a_candidate_normalises_it_through_the_service(client, lin, campaign):
    signed_in(client, lin)
    url = reverse("admin:jobs_candidate_add")
    typed = {"name": " 单小龙 ", "mobile": "100 0000 1234", "email": "Xiao.Long@Example.com"}
    assert client.post(url, typed).status_code == 302
    candidate = Candidate.objects.get()
    assert candidate.mobile == "+8610000001234"
    assert candidate.email == "xiao.long@example.com"
    assert candidate.pinyin == "shanxiaolong"
    response = client.post(url, typed | {"name": "Twice"})
    assert response.status_code == 200, "contacts of another candidate are refused at the field"
    response = client.post(url, {"name": "Nobody", "mobile": "12"})
    assert "mobile" in response.context["adminform"].form.errors
    change = reverse("admin:jobs_candidate_change", args=[candidate.pk])
    assert client.post(change, typed | {"name": "李小龙"}).status_code == 302
    assert Candidate.objects.get().pinyin == "lixiaolong"


def test_creating_an_application_uses_the_service(client, lin, campaign):
    candidate, job = make_candidate(campaign=campaign), make_job(campaign=campaign)
    signed_in(client, lin)
    url = reverse("admin:jobs_application_add")
    form = {
        "candidate": candidate.pk, "job": job.pk,
        "events-TOTAL_FORMS": 0, "events-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert client.post(url, form).status_code == 302
    assert Application.objects.get().events.get().by == lin
    assert client.post(url, form).status_code == 200, "a second try for the same job is refused"
    foreign = make_job()
    assert client.post(url, form | {"job": foreign.pk}).status_code == 200
    assert Application.objects.count() == 1


def test_saving_a_room_uses_the_service(client, lin, campaign):
    room = make_room(campaign=campaign, name="A-1")
    signed_in(client, lin)
    url = reverse("admin:interview_room_change", args=[room.pk])
    form = {
        "campaign": campaign.pk,
        "name": "A-2",
        "kind": "room",
        "position": 1,
        "is_active": "on",
    }
    assert client.post(url, form).status_code == 302
    changed = Room.objects.get(pk=room.pk)
    assert (changed.name, changed.version) == ("A-2", room.version + 1)
    other = make_campaign()
    assert client.post(url, form | {"campaign": other.pk}).status_code == 200
    assert Room.objects.get(pk=room.pk).campaign == campaign


def test_coordinators_cannot_change_shared_rounds(client, lin, campaign):
    signed_in(client, lin)
    shared = campaign.rounds.model.objects.filter(campaign=None).first()
    url = reverse("admin:interview_roundtemplate_change", args=[shared.pk])
    assert client.post(url, {"name": "Mine"}).status_code == 403


def test_lists_need_the_same_number_of_queries_for_2_and_5_rows(client, admin, campaign, wu):
    def make(number: int) -> None:
        for step in range(number):
            starts = timezone.now() + timedelta(hours=2 + step)
            interview = make_interview(
                campaign=campaign, interviewers=[wu, make_interviewer()], starts_at=starts
            )
            bring_to(interview, "feedback_due")
            make_scorecard(interview=interview, interviewer=wu)

    def costs() -> dict[str, int]:
        found = {}
        for name in OURS:
            with CaptureQueriesContext(connection) as captured:
                page(client, name)
            found[name] = len(captured)
        return found

    signed_in(client, admin)
    make(2)
    costs()
    few = costs()
    make(3)
    many = costs()
    assert Campaign.objects.count() == 1
    assert {name: many[name] - few[name] for name in OURS if many[name] > few[name]} == {}


def test_operations_see_only_tasks_and_robots(client, chen):
    signed_in(client, chen)
    theirs = {
        "realtime_taskrun",
        "realtime_scheduledrun",
        "realtime_heartbeat",
        "jobs_anonymisationlist",
        "interview_robot",
    }
    for name in theirs:
        page(client, name)
    for name in set(OURS) - theirs:
        page(client, name, status=403)


def test_the_account_of_a_wall_screen_sees_no_rows(client, campaign, elsewhere):
    screen = make_person("screen", "coordinator")
    campaign.members.create(user=screen, role="wall")
    make_interview(campaign=campaign)
    signed_in(client, screen)
    for name in ("jobs_job", "jobs_candidate", "interview_interview", "interview_room"):
        response = client.get(reverse(f"admin:{name}_changelist"))
        assert response.context["cl"].result_count == 0, name
