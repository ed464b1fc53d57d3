"""Account settings: language, time zone and its effect on all pages, password."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from interview.models import Interview, NoticeSettings
from interview.notifications.in_app.notices import notice_text
from jobs.models import Campaign, PersonalSettings
from tests.factories import make_interview, make_notice
from tests.people import PASSWORD, signed_in
from tests.support.product.clock import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

BERLIN = "Europe/Berlin"
NEW = "over-the-hills-and-far-away"


@pytest.fixture
def wu_client(client: Client, wu: User) -> Client:
    return signed_in(client, wu)


def page(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(name, args=args), headers={"Accept-Language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def make_interview_at(campaign: Campaign, moment: datetime, *people: User) -> Interview:
    return make_interview(
        campaign=campaign, interviewers=[*people], starts_at=moment, status="confirmed"
    )


def choose_zone(user: User, zone: str) -> None:
    NoticeSettings.objects.update_or_create(user=user, defaults={"time_zone": zone})


def times(text: str) -> list[str]:
    return re.findall(r"<time datetime=[^>]+>([^<]+)", text)


def test_language_and_time_zone_are_saved_and_apply_at_once(
    wu_client: Client, wu: User, zhao: User
) -> None:
    chosen = {"language": "en", "time_zone": BERLIN, "mailed": ["plans"], "user": zhao.pk}
    response = wu_client.post(reverse("personal_settings"), chosen)
    assert response.headers["Location"] == reverse("personal_settings")
    assert [(one.user, one.language) for one in PersonalSettings.objects.all()] == [(wu, "en")]
    assert [(one.user, one.time_zone) for one in NoticeSettings.objects.all()] == [(wu, BERLIN)]
    shown = wu_client.get(reverse("personal_settings")).content.decode()
    assert '<html lang="en" data-time-zone="Europe/Berlin">' in shown
    assert "Settings saved." in shown


def test_invalid_settings_change_nothing(wu_client: Client) -> None:
    for wrong in ({"time_zone": "Mars/Olympus"}, {"language": "tlh"}, {"quiet_from": "22:00"}):
        response = wu_client.post(reverse("personal_settings"), {"language": "en"} | wrong)
        assert response.status_code == 400
        assert set(response.context["form"].errors) <= {"time_zone", "language", "quiet_until"}
    assert not PersonalSettings.objects.exists()
    assert not NoticeSettings.objects.exists()


def test_the_time_zone_field_suggests_every_zone(wu_client: Client) -> None:
    shown = page(wu_client, "personal_settings")
    assert 'list="zones"' in shown
    for zone in (BERLIN, "Asia/Shanghai", "America/Argentina/Buenos_Aires"):
        assert f'<option value="{zone}"></option>' in shown


def test_an_interviewers_day_is_shown_in_their_zone_else_in_the_campaigns(
    wu_client: Client, wu: User, campaign: Campaign, clock: Clock
) -> None:
    make_interview_at(campaign, clock.now() + timedelta(hours=2), wu)  # 14:00 in Beijing
    assert times(page(wu_client, "me"))[0] == "14:00"
    assert "data-time-zone" not in page(wu_client, "me")
    choose_zone(wu, BERLIN)
    assert times(page(wu_client, "me"))[0] == "07:00"
    assert 'data-time-zone="Europe/Berlin"' in page(wu_client, "me")


def test_today_changes_at_midnight_in_the_chosen_zone(
    wu_client: Client, wu: User, campaign: Campaign, clock: Clock
) -> None:
    clock.set(datetime(2026, 11, 25, 15, 30, tzinfo=UTC))  # 23:30 in Beijing
    running = make_interview_at(campaign, clock.now() + timedelta(minutes=10), wu)
    tomorrow_there = make_interview_at(campaign, clock.now() + timedelta(hours=2), wu)
    own_day = wu_client.get(reverse("me")).context["own_day"]
    assert [one.interview for one in own_day.later] == [tomorrow_there]
    choose_zone(wu, BERLIN)  # half past four in the afternoon
    own_day = wu_client.get(reverse("me")).context["own_day"]
    assert (own_day.next.interview, own_day.later) == (running, [])
    assert [one.interview for one in own_day.today] == [tomorrow_there]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "01:30"),  # before clocks are put forward
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "03:00"),  # and after
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30"),  # before they are put back
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "02:30"),  # and after
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), "03:00"),
    ],
)
def test_times_are_right_around_daylight_saving_changes(
    client: Client, wu: User, campaign: Campaign, clock: Clock, moment: datetime, expected: str
) -> None:
    clock.set(moment - timedelta(minutes=30))
    wu_client = signed_in(client, wu)
    interview = make_interview_at(campaign, moment, wu)
    choose_zone(wu, BERLIN)
    assert times(page(wu_client, "me"))[0] == expected
    assert f", {expected}</time> –" in page(wu_client, "interview", interview.pk)


def test_an_interview_shows_both_times_where_zones_differ(
    wu_client: Client, wu: User, campaign: Campaign, clock: Clock
) -> None:
    interview = make_interview_at(campaign, clock.now() + timedelta(hours=2), wu)
    assert "(Asia/Shanghai)" not in page(wu_client, "interview", interview.pk)
    choose_zone(wu, BERLIN)
    shown = page(wu_client, "interview", interview.pk)
    assert "07:00</time> – " in shown
    assert "(Europe/Berlin)" in shown
    assert "14:00 – 15:00" in shown
    assert "(Asia/Shanghai)" in shown
    choose_zone(wu, "Asia/Shanghai")
    assert "(Asia/Shanghai)" not in page(wu_client, "interview", interview.pk)


def test_a_coordinator_in_another_zone_is_told_which_zone_counts(
    client: Client, lin: User, wu: User, campaign: Campaign, clock: Clock
) -> None:
    interview = make_interview_at(campaign, clock.now() + timedelta(hours=2), wu)
    signed_in(client, lin)
    pages = [
        reverse("board", args=[campaign.slug]),
        reverse("board", args=[campaign.slug]) + "?plain=1",
        reverse("schedule", args=[interview.application_id]),
    ]
    for zone, is_told in (("", False), ("Asia/Singapore", False), (BERLIN, True)):
        choose_zone(lin, zone)
        for address in pages:
            shown = client.get(address, headers={"Accept-Language": "en"}).content.decode()
            assert ("Times in Asia/Shanghai" in shown) == is_told, (zone, address)


def test_an_entered_time_is_read_in_the_zone_of_the_form(
    client: Client, lin: User, wu: User, campaign: Campaign, clock: Clock
) -> None:
    interview = make_interview_at(campaign, datetime(2027, 3, 26, 8, 0, tzinfo=UTC), wu)
    choose_zone(lin, BERLIN)
    signed_in(client, lin)
    form = {
        "version": interview.version,
        "starts_at": "2027-03-29T09:00",  # summer time by then
        "ends_at": "2027-03-29T10:00",
        "reason": "Next week",
    }
    move = reverse("interview_action", args=[interview.pk, "reschedule"])
    assert client.post(move, form).status_code == 302
    interview.refresh_from_db()
    assert interview.starts_at == datetime(2027, 3, 29, 7, 0, tzinfo=UTC)
    skipped = form | {"version": interview.version, "starts_at": "2027-03-28T02:30"}
    response = client.post(move, skipped)
    assert response.status_code == 400, "there is no such hour on that day"
    interview.refresh_from_db()
    assert interview.starts_at == datetime(2027, 3, 29, 7, 0, tzinfo=UTC), "nothing has changed"


def test_a_notice_shows_times_in_the_recipients_zone(
    wu: User, zhao: User, campaign: Campaign, clock: Clock
) -> None:
    interview = make_interview_at(campaign, clock.now() + timedelta(hours=2), wu, zhao)
    choose_zone(wu, BERLIN)
    in_berlin, in_campaign_zone = (
        make_notice(interview=interview, recipient=one) for one in (wu, zhao)
    )
    assert "07:00" in notice_text(in_berlin)
    assert "14:00" in notice_text(in_campaign_zone)


def test_one_persons_zone_does_not_leak_into_the_next_request(
    wu_client: Client, wu: User, zhao: User, campaign: Campaign, clock: Clock
) -> None:
    make_interview_at(campaign, clock.now() + timedelta(hours=2), wu, zhao)
    choose_zone(wu, "Pacific/Auckland")
    page(wu_client, "me")
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"
    assert times(page(signed_in(Client(), zhao), "me"))[0] == "14:00"
    assert "data-time-zone" not in page(Client(), "job_list")


def test_reading_the_chosen_zone_needs_no_extra_query(
    wu_client: Client, wu: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(20, exact=False) as without:
        page(wu_client, "job_list")
    choose_zone(wu, BERLIN)
    with django_assert_num_queries(len(without.captured_queries)):
        assert "data-time-zone" in page(wu_client, "job_list")
    queries = [one["sql"] for one in without.captured_queries if "noticesettings" in one["sql"]]
    assert ["auth_user" in sql for sql in queries] == [True], "it is read with the user"


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    wu_client: Client, wu: User
) -> None:
    elsewhere = signed_in(Client(), wu)
    new = {"new_password1": NEW, "new_password2": NEW}
    refused = wu_client.post(reverse("change_password"), new | {"old_password": "guessed"})
    assert "old_password" in refused.context["form"].errors
    assert refused.status_code == 400
    assert elsewhere.get(reverse("me")).status_code == 200
    response = wu_client.post(reverse("change_password"), new | {"old_password": PASSWORD})
    assert response.headers["Location"] == reverse("personal_settings")
    assert wu_client.get(reverse("me")).status_code == 200
    assert elsewhere.get(reverse("me")).status_code == 302
    wu.refresh_from_db()
    assert wu.check_password(NEW)


def test_account_settings_need_a_sign_in(client: Client, db: None) -> None:
    for name in ("personal_settings", "change_password"):
        assert client.get(reverse(name)).headers["Location"].startswith(reverse("login"))


def test_health_checks_load_no_user_even_with_a_session_cookie(
    wu_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert wu_client.get("/healthz").status_code == 200


def test_a_person_gives_their_mobile_number_in_any_notation(wu_client: Client, wu: User) -> None:
    address = reverse("personal_settings")
    answer = wu_client.post(address, {"language": "en", "mobile": "139-0000 1234"})
    assert answer.status_code == 302
    assert PersonalSettings.objects.get(user=wu).mobile == "+8613900001234"
    assert 'value="+8613900001234"' in page(wu_client, "personal_settings")
    wu_client.post(address, {"language": "en", "mobile": ""})
    assert PersonalSettings.objects.get(user=wu).mobile == ""


def test_a_text_that_is_no_mobile_number_is_refused_and_changes_nothing(
    wu_client: Client, wu: User
) -> None:
    answer = wu_client.post(reverse("personal_settings"), {"language": "en", "mobile": "ask me"})
    assert answer.status_code == 400
    assert "mobile" in answer.context["form"].errors
    assert not PersonalSettings.objects.filter(user=wu, language="en").exists()
