"""Start page, top bar, sign-in and sign-out, language switch, error pages and task tray."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error
from pytest_django import DjangoAssertNumQueries

from jobs.models import Campaign, PersonalSettings
from tests.factories import make_interview
from tests.people import PASSWORD, signed_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("name", "page"),
    [("lin", "boards"), ("wu", "me"), ("chen", "tasks"), ("sun", "job_list"), ("admin", "boards")],
)
def test_the_root_page_redirects_to_the_page_of_the_role(
    client: Client, request: pytest.FixtureRequest, name: str, page: str
) -> None:
    signed_in(client, request.getfixturevalue(name))
    assert client.get("/").headers["Location"] == reverse(page)


def test_anonymous_visitors_are_redirected_to_the_openings(client: Client) -> None:
    assert client.get("/").headers["Location"] == reverse("job_list")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        (
            "lin",
            {
                "boards",
                "candidates",
                "applications",
                "imports",
                "analytics",
                "privacy",
                "audit",
                "tasks",
                "job_list",
                "admin:index",
            },
        ),
        ("wu", {"me", "job_list", "admin:index"}),
        ("chen", {"tasks", "ops", "job_list", "admin:index"}),
        ("sun", {"job_list"}),
    ],
)
def test_the_top_bar_shows_the_pages_of_the_role(
    client: Client, request: pytest.FixtureRequest, name: str, seen: set[str]
) -> None:
    signed_in(client, request.getfixturevalue(name))
    response = client.get(reverse("job_list"))
    assert {link["url"] for link in response.context["links"]} == {reverse(page) for page in seen}


def test_a_wrong_password_shows_an_alert_and_signs_nobody_in(client: Client, lin: User) -> None:
    response = client.post(reverse("login"), {"username": "lin", "password": "wrong"})
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The user name or password is not correct. Passwords are case-sensitive."),
        ("zh-hans", "用户名或密码不正确，密码区分大小写。"),
    ],
)
def test_a_wrong_password_is_explained_in_the_browsers_language(
    client: Client, lin: User, language: str, text: str
) -> None:
    response = client.post(
        reverse("login"),
        {"username": "lin", "password": "wrong"},
        headers={"accept-language": language},
    )
    assert text in response.content.decode()


def test_signing_in_redirects_to_the_requested_page(client: Client, lin: User) -> None:
    wanted = {"username": "lin", "password": PASSWORD, "next": "/joblist/?q=x"}
    assert client.post(reverse("login"), wanted).headers["Location"] == "/joblist/?q=x"


def test_signing_in_never_redirects_to_another_site(client: Client, lin: User) -> None:
    wanted = {"username": "lin", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post(reverse("login"), wanted).headers["Location"] == reverse("home")


def test_signing_out_needs_a_post_request(client: Client, lin: User) -> None:
    signed_in(client, lin)
    assert client.get(reverse("logout")).status_code == 405
    assert "_auth_user_id" in client.session
    assert client.post(reverse("logout")).headers["Location"] == reverse("login")
    assert "_auth_user_id" not in client.session


def test_a_chosen_language_applies_at_once_and_is_saved(client: Client, lin: User) -> None:
    signed_in(client, lin)
    chosen = {"language": "en", "next": "/joblist/"}
    response = client.post(reverse("set_language"), chosen)
    assert response.headers["Location"] == "/joblist/"
    assert PersonalSettings.objects.get(user=lin).language == "en"
    assert '<html lang="en"' in client.get("/joblist/").content.decode()


def test_the_language_follows_a_person_to_another_browser(client: Client, lin: User) -> None:
    PersonalSettings.objects.create(user=lin, language="en")
    assert '<html lang="zh-hans"' in client.get("/joblist/").content.decode()
    signed_in(client, lin)
    assert '<html lang="en"' in client.get("/joblist/").content.decode()


def test_anonymous_visitors_can_choose_a_language(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "en"})
    assert '<html lang="en"' in client.get("/joblist/").content.decode()
    assert not PersonalSettings.objects.exists()


def test_an_unsupported_language_changes_nothing(client: Client, lin: User) -> None:
    signed_in(client, lin)
    client.post(reverse("set_language"), {"language": "fr"})
    assert not PersonalSettings.objects.exists()
    assert '<html lang="zh-hans"' in client.get("/joblist/").content.decode()


def test_a_form_without_csrf_token_gets_our_error_page(lin: User) -> None:
    careful = Client(enforce_csrf_checks=True)
    response = careful.post(reverse("login"), {"username": "lin", "password": PASSWORD})
    assert response.status_code == 403
    assert "project/card-page" in response.content.decode()
    assert "_auth_user_id" not in careful.session


def test_an_unknown_path_gets_our_error_page(client: Client, lin: User) -> None:
    signed_in(client, lin)
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "project/card-page" in response.content.decode()


def test_the_500_page_makes_no_database_query(
    rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The database may be the cause of the error."""
    with django_assert_num_queries(0):
        response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert b"project/card-page" in response.content


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("board", "tray"),
        ("candidates", "task-tray"),
        ("applications", "task-tray"),
        ("bulk_plans", "task-tray"),
        ("imports", "task-tray"),
        ("interview", "task-tray"),
        ("personal_settings", "task-tray"),
        ("job_list", "task-tray"),
        ("admin:jobs_candidate_changelist", "task-tray"),
        ("tasks", "tasks-config"),
    ],
)
def test_every_page_has_the_task_tray(
    client: Client, lin: User, campaign: Campaign, page: str, place: str
) -> None:
    interview = make_interview(campaign=campaign)
    needed = {"board": [campaign.slug], "interview": [interview.pk]}
    signed_in(client, lin)
    response = client.get(reverse(page, args=needed.get(page)))
    assert response.status_code == 200
    assert f'id="{place}"' in response.content.decode()


def test_anonymous_visitors_have_no_task_tray(client: Client, db: None) -> None:
    assert "task-tray" not in client.get("/joblist/").content.decode()


@pytest.mark.parametrize("address", ["/joblist/", "/accounts/login/", "/nowhere/"])
def test_pages_hold_no_inline_script_and_no_inline_style(client: Client, address: str) -> None:
    """The Content-Security-Policy would block them silently."""
    page = client.get(address).content.decode()
    assert "<main" in page
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page


def test_a_form_that_is_too_large_gets_413(client: Client) -> None:
    client.cookies["django_language"] = "en"
    response = client.post("/accounts/login/", {"username": "x" * 3_000_000, "password": "x"})
    assert response.status_code == 413
    assert "The form is too large" in response.content.decode()
