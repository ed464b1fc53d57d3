"""The candidate portal: access by token only, texts, and actions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from pytest_django import Settings

from interview.models import Delivery, Interview, InterviewEvent, Notification
from interview.notifications.email.calendar_invite import uid_of
from interview.services.application_withdrawal import application_withdraw
from jobs.applications.links import link_close, link_of, link_renew
from jobs.applications.receive import application_receive
from jobs.applications.services import application_move
from jobs.models import Application, ApplicationLink, Campaign, Job
from jobs.privacy.anonymisation import candidates_anonymise
from tests.factories import make_application, make_interview, make_job, make_room
from tests.people import signed_in
from tests.support.applicants import confirm_all
from tests.support.clients.api import state_of

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def interview(campaign: Campaign, wu: User) -> Interview:
    room = make_room(campaign=campaign, name="A-301", directions="Third floor, left")
    tomorrow = timezone.now() + timedelta(days=1)
    return make_interview(room=room, starts_at=tomorrow, interviewers=[wu])


def page_of(application: Application) -> str:
    link = link_of(application)
    assert link
    return reverse("my_application", args=[link.token])


def read(application: Application) -> str:
    response = Client().get(page_of(application), headers=ENGLISH)
    assert response.status_code == 200
    return response.content.decode()


def post_action(interview: Interview, do: str, **more: Any) -> Any:
    """Post an action with this version of the interview, as the form on the page does."""
    form = {"do": do, "interview": interview.pk, "version": interview.version} | more
    return Client().post(page_of(interview.application), form, headers=ENGLISH, follow=True)


def current(interview: Interview) -> Interview:
    return Interview.objects.get(pk=interview.pk)


def forged(token: str) -> Iterable[str]:
    yield token[:-1] + ("a" if token[-1] != "a" else "b")
    yield token.partition(".")[0]
    yield ApplicationLink.objects.get().key
    yield "x" * 3000
    yield "a%00b"


def test_a_forged_token_is_not_found() -> None:
    application = make_application()
    address = page_of(application)
    token = address.split("/")[2]
    assert Client().get(address).status_code == 200
    for wrong in forged(token):
        assert Client().get(f"/my-application/{wrong}/").status_code == 404
        assert Client().post(f"/my-application/{wrong}/", {"do": "withdraw"}).status_code == 404
    application.refresh_from_db()
    assert application.stage == "applied"


def test_a_calendar_token_does_not_open_a_candidates_page() -> None:
    from interview.services import calendar_renew

    make_application()
    feed = calendar_renew(user=User.objects.create(username="feed"))
    ApplicationLink.objects.update(key=feed.key)
    assert Client().get(reverse("my_application", args=[feed.token])).status_code == 404


def test_a_revoked_or_renewed_link_no_longer_opens_the_page() -> None:
    application = make_application()
    first = page_of(application)
    link_renew(application=application)
    second = page_of(application)
    assert [Client().get(one).status_code for one in (first, second)] == [404, 200]
    link_close(application=application)
    assert Client().get(second).status_code == 404
    assert link_of(application) is None


def test_coordinators_renew_and_revoke_links_in_the_admin_and_see_entries(
    campaign: Campaign, lin: User, sun: User
) -> None:
    application_receive(
        job_id=make_job(campaign=campaign).pk,
        fields={"name": "Su", "mobile": "18100007777", "email": "su@example.com", "city": "Wuxi"},
        language="en",
    )
    (application,) = confirm_all()
    assert application
    first, listed = page_of(application), reverse("admin:jobs_application_changelist")
    chosen = {"_selected_action": [application.pk]}
    signed_in(Client(), sun).post(listed, chosen | {"action": "close_links"})
    assert Client().get(first).status_code == 200
    client = signed_in(Client(), lin)
    client.post(listed, chosen | {"action": "renew_links"})
    second = page_of(application)
    assert [Client().get(one).status_code for one in (first, second)] == [404, 200]
    assert Delivery.objects.filter(event="received").count() == 2, "the new link is sent"
    client.post(listed, chosen | {"action": "close_links"})
    assert Client().get(second).status_code == 404
    shown = client.get(reverse("admin:jobs_application_change", args=[application.pk]))
    assert "Wuxi" in shown.content.decode()


def test_anonymising_a_candidate_removes_their_page() -> None:
    application = make_application()
    address = page_of(application)
    candidates_anonymise(candidates=[application.candidate_id], by=None)
    assert Client().get(address).status_code == 404


def test_headers_keep_the_address_out_of_caches_and_referrers(interview: Interview) -> None:
    response = Client().get(page_of(interview.application))
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert 'name="robots" content="noindex' in response.content.decode()
    assert "style=" not in response.content.decode(), "the Content-Security-Policy would block it"


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("applied", "We have your application"),
        ("screening", "is under review"),
        ("offer", "would like to work with you"),
        ("hired", "Welcome"),
        ("rejected", "did not work out this time"),
        ("withdrawn", "You have withdrawn"),
    ],
)
def test_each_stage_has_its_text(lin: User, stage: str, text: str) -> None:
    application = make_application()
    if stage != "applied":
        application = application_move(application=application, to=stage, version=1, by=lin)
    page = read(application)
    assert text in page
    assert ("Withdraw my application" in page) == (stage in {"applied", "screening", "offer"})


def test_time_place_and_directions_are_shown_in_the_campaigns_time_zone(
    interview: Interview,
) -> None:
    page = read(interview.application)
    assert "A-301" in page
    assert "Third floor, left" in page
    assert "<svg" in page
    interview.campaign.time_zone = "America/New_York"
    interview.campaign.save()
    assert read(interview.application) != page


def test_interviewers_scores_and_other_candidates_are_not_shown(
    interview: Interview, wu: User, campaign: Campaign
) -> None:
    other = make_interview(campaign=campaign)
    page = read(interview.application)
    assert wu.last_name not in page
    assert other.application.candidate.name not in page
    assert other.room.name not in page


def test_confirming_is_recorded_as_done_by_the_candidate(
    client: Client, interview: Interview, lin: User
) -> None:
    assert "look forward to seeing you" in post_action(interview, "confirm").content.decode()
    assert current(interview).status == "confirmed"
    event = interview.events.last()
    assert event
    assert (event.source, event.by) == ("candidate", None)
    response = signed_in(client, lin).get(
        reverse("interview", args=[interview.pk]), headers=ENGLISH
    )
    assert "The candidate" in response.content.decode()


def test_coordinators_are_notified_when_the_candidate_cannot_come(
    interview: Interview, lin: User
) -> None:
    post_action(interview, "confirm")
    page = post_action(current(interview), "excuse", reason="Exam until noon").content.decode()
    assert "You cannot come. We will contact you." in page
    after = current(interview)
    assert (after.status, after.side, after.reason) == (
        "scheduled",
        "candidate",
        "Exam until noon",
    )
    notice = Notification.objects.get(event="excused")
    assert notice.recipient == lin
    post_action(after, "confirm")
    assert (current(interview).status, current(interview).reason) == ("confirmed", "")


def test_anonymising_erases_the_candidates_reason_from_the_undo_data_too(
    interview: Interview, lin: User
) -> None:
    post_action(interview, "excuse", reason="My child is ill")
    post_action(current(interview), "confirm")
    assert "child" in str(list(InterviewEvent.objects.values("reason", "before")))
    candidates_anonymise(candidates=[interview.application.candidate_id], by=lin)
    assert "child" not in str(list(InterviewEvent.objects.values("reason", "before")))


def test_shortly_before_the_start_a_candidate_can_no_longer_cancel(interview: Interview) -> None:
    soon = make_interview(
        application=interview.application, starts_at=timezone.now() + timedelta(hours=1, minutes=59)
    )
    before = state_of(Interview, InterviewEvent)
    assert "too late" in post_action(soon, "excuse", reason="ill").content.decode()
    assert state_of(Interview, InterviewEvent) == before


def test_cancelling_requires_a_reason(interview: Interview) -> None:
    assert "Please say why" in post_action(interview, "excuse", reason=" \0 ").content.decode()
    assert current(interview).version == interview.version


def test_a_stale_version_is_refused_with_a_request_to_check_again(interview: Interview) -> None:
    post_action(interview, "confirm")
    page = post_action(interview, "excuse", reason="ill").content.decode()
    assert "has just changed" in page
    assert current(interview).status == "confirmed"


def test_a_form_sent_twice_takes_effect_once(interview: Interview) -> None:
    for _ in range(2):
        post_action(interview, "confirm")
    assert interview.events.filter(action="confirm").count() == 1


INVALID_INTERVIEWS = ["", "x", "0", "99999999999999999999", "1\0"]


def test_an_interview_of_another_candidate_is_not_found(
    subtests: pytest.Subtests, interview: Interview
) -> None:
    other = make_interview()
    before = state_of(Interview, InterviewEvent)
    for invalid in INVALID_INTERVIEWS:
        with subtests.test(invalid=invalid):
            for pk in (invalid, str(other.pk)):
                response = Client().post(
                    page_of(interview.application), {"do": "confirm", "interview": pk, "version": 1}
                )
                assert response.status_code == 404
            assert state_of(Interview, InterviewEvent) == before
            file = reverse(
                "my_interview_file", args=[page_of(interview.application).split("/")[2], other.pk]
            )
            assert Client().get(file).status_code == 404


def test_an_unknown_action_changes_nothing(interview: Interview) -> None:
    before = state_of(Interview, InterviewEvent, Application)
    for do in ("", "cancel", "check-in", "__class__"):
        assert post_action(interview, do).status_code == 400
    assert state_of(Interview, InterviewEvent, Application) == before


def test_withdrawing_cancels_all_upcoming_interviews(interview: Interview) -> None:
    page = post_action(interview, "withdraw", reason="Another offer").content.decode()
    assert "You have withdrawn your application" in page
    application = Application.objects.get(pk=interview.application_id)
    assert application.stage == "withdrawn"
    event = application.events.last()
    assert event
    assert (event.by, event.reason) == (None, "Another offer")
    assert (current(interview).status, current(interview).side) == ("cancelled", "candidate")
    post_action(interview, "withdraw")
    assert application.events.filter(to_stage="withdrawn").count() == 1


def test_a_reason_that_is_too_long_is_refused_and_not_cut(interview: Interview) -> None:
    assert "At most 300 characters" in read(interview.application)
    before = state_of(Interview, InterviewEvent, Application)
    for do in ("withdraw", "excuse"):
        assert (
            "Your reason has 301 characters"
            in post_action(interview, do, reason="x" * 301).content.decode()
        )
    assert state_of(Interview, InterviewEvent, Application) == before
    post_action(interview, "withdraw", reason="x" * 300)
    assert Application.objects.get().stage == "withdrawn"


def test_after_withdrawing_a_candidate_can_apply_again_or_see_openings() -> None:
    application = make_application(job=make_job(is_published=True))
    onward, back = reverse("job_list"), reverse("apply", args=[application.job_id])
    assert f'class="button" href="{onward}"' not in read(application)
    application_withdraw(application=application)
    assert f'class="button" href="{onward}"' in read(application)
    assert back in read(application)
    Job.objects.update(is_published=False)
    assert f'class="button" href="{onward}"' in read(application)
    assert back not in read(application)


def test_a_rejected_candidate_sees_other_openings_only(lin: User) -> None:
    application = make_application()
    application_move(application=application, to="rejected", version=1, by=lin)
    assert f'class="button" href="{reverse("job_list")}"' in read(application)
    assert reverse("apply", args=[application.job_id]) not in read(application)


def test_a_decided_application_cannot_be_withdrawn(lin: User) -> None:
    application = make_application()
    application_move(application=application, to="hired", version=1, by=lin)
    assert application_withdraw(application=application).stage == "hired"


def test_the_calendar_file_is_the_same_event_as_in_the_invites(interview: Interview) -> None:
    token = page_of(interview.application).split("/")[2]
    response = Client().get(reverse("my_interview_file", args=[token, interview.pk]))
    assert response["Content-Type"].startswith("text/calendar")
    assert response["Referrer-Policy"] == "no-referrer"
    calendar = Calendar.from_ical(response.content)
    (entry,) = calendar.events
    assert calendar["method"] == "PUBLISH"
    assert entry["uid"] == uid_of(interview.pk, f"c{interview.application.candidate_id}")
    assert interview.starts_at.replace(microsecond=0) == entry.DTSTART
    assert "A-301" in entry["location"]
    assert token not in response.content.decode(), "others may read a shared calendar"


def test_the_language_is_chosen_by_a_link(
    interview: Interview,
) -> None:
    visitor = Client()
    address = page_of(interview.application)
    assert "您好" in visitor.get(f"{address}?language=zh-hans", headers=ENGLISH).content.decode()
    cookie = visitor.cookies["django_language"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "您好" in visitor.get(address, headers=ENGLISH).content.decode(), "the choice is kept"
    assert visitor.get(f"{address}?language=../x", headers=ENGLISH).status_code == 200
    assert visitor.cookies["django_language"].value == "zh-hans"


def test_the_language_cookie_is_secure_where_all_cookies_are(
    interview: Interview, settings: Settings
) -> None:
    settings.LANGUAGE_COOKIE_SECURE = True
    visitor = Client()
    visitor.get(page_of(interview.application), {"language": "en"})
    assert visitor.cookies["django_language"]["secure"] is True
