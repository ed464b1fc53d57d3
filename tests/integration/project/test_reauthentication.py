"""The password is asked for once more before exports and anonymisation, some time after sign-in."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from jobs.models import Campaign, Candidate
from realtime.http.tokens import api_token_create
from realtime.models import TaskRun
from tests.factories import make_candidate
from tests.people import PASSWORD, signed_in
from tests.support.clients.api import Api, refused
from tests.support.product.clock import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]

EXPORT = {"what": "candidates", "format": "csv", "back": "/candidates/"}


@pytest.fixture
def lin_client(client: Client, lin: User, clock: Clock) -> Client:
    """Lin, who signed in sixteen minutes ago."""
    signed_in(client, lin)
    clock.shift(minutes=16)
    return client


def hidden_fields(page: str) -> dict[str, str]:
    form = page[page.index("confirm-title") :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_an_export_asks_for_the_password_and_then_does_what_was_asked(lin_client: Client) -> None:
    asked = lin_client.post(reverse("export"), EXPORT)
    assert (asked.status_code, TaskRun.objects.count()) == (403, 0)
    repeated = hidden_fields(asked.content.decode())
    assert EXPORT.items() <= repeated.items()
    assert 'name="username"' not in asked.content.decode(), "it would count as a filter"
    wrong = lin_client.post(reverse("export"), repeated | {"confirm_password": "guessed"})
    assert (wrong.status_code, TaskRun.objects.count()) == (403, 0)
    assert "guessed" not in wrong.content.decode()
    right = lin_client.post(reverse("export"), repeated | {"confirm_password": PASSWORD})
    assert (right["Location"], TaskRun.objects.count()) == ("/candidates/", 1)
    assert PASSWORD not in str(TaskRun.objects.values())
    lin_client.post(reverse("export"), EXPORT)
    assert TaskRun.objects.count() == 2, "not asked again at once"


def test_soon_after_the_sign_in_nothing_is_asked(client: Client, lin: User) -> None:
    signed_in(client, lin).post(reverse("export"), EXPORT)
    assert TaskRun.objects.count() == 1


def test_people_who_may_not_export_are_refused_before_they_are_asked(
    client: Client, wu: User, clock: Clock
) -> None:
    signed_in(client, wu)
    clock.shift(minutes=16)
    answer = client.post(reverse("export"), EXPORT)
    assert answer.status_code == 403
    assert "confirm_password" not in answer.content.decode()


def test_wrong_passwords_lock_the_account(lin_client: Client, settings: Settings) -> None:
    settings.SIGN_IN_FAILURES = 3
    form = EXPORT | {"confirm_password": "guessed"}
    statuses = [lin_client.post(reverse("export"), form).status_code for _ in range(4)]
    assert statuses == [403, 403, 429, 429]


def test_an_anonymisation_in_the_admin_asks_for_the_password(
    client: Client, admin: User, campaign: Campaign, clock: Clock
) -> None:
    candidate = make_candidate(campaign=campaign)
    signed_in(client, admin)
    clock.shift(minutes=16)
    address = reverse("admin:jobs_candidate_changelist")
    form = {"action": "anonymise", "_selected_action": [candidate.pk], "sure": "yes"}
    assert client.post(address, form).status_code == 403
    assert Candidate.objects.get().anonymised_at is None
    client.post(address, form | {"confirm_password": PASSWORD})
    assert Candidate.objects.get().anonymised_at is not None


def test_forms_of_accounts_and_groups_in_the_admin_ask_for_the_password(
    client: Client, admin: User, wu: User, clock: Clock, subtests: pytest.Subtests
) -> None:
    """Its e-mail address receives the links that set an account's password."""
    signed_in(client, admin)
    clock.shift(minutes=16)
    group = Group.objects.create(name="Rights")
    list_of_groups = reverse("admin:auth_group_changelist")
    before = list(User.objects.order_by("pk").values()), Group.objects.count()
    delete = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    attempts = {
        reverse("admin:auth_user_change", args=[wu.pk]): {"username": "wu", "is_superuser": "on"},
        reverse("admin:auth_user_add"): {"username": "new", "usable_password": "false"},
        reverse("admin:auth_user_delete", args=[wu.pk]): {"post": "yes"},
        reverse("admin:auth_group_change", args=[group.pk]): {"name": "Changed"},
        reverse("admin:auth_group_add"): {"name": "Another"},
        reverse("admin:auth_group_delete", args=[group.pk]): {"post": "yes"},
        list_of_groups: delete,
    }
    for address, form in attempts.items():
        with subtests.test(address):
            answers = [client.post(address, form)]
            if address != list_of_groups:
                answers.append(client.get(address))
            for answer in answers:
                assert answer.status_code == 403
                assert 'name="confirm_password"' in answer.content.decode()
            assert (list(User.objects.order_by("pk").values()), Group.objects.count()) == before
    assert client.get(list_of_groups).status_code == 200, "lists are read without it"
    client.post(list_of_groups, delete | {"confirm_password": PASSWORD})
    assert Group.objects.count() == before[1] - 1


def test_an_account_is_changed_in_the_admin_after_the_password(
    client: Client, admin: User, wu: User, clock: Clock
) -> None:
    signed_in(client, admin)
    clock.shift(minutes=16)
    address = reverse("admin:auth_user_change", args=[wu.pk])
    form = {"username": "wu", "email": "wu@new.example", "date_joined_0": "2026-01-01"}
    form |= {"date_joined_1": "10:00", "is_active": "on", "confirm_password": PASSWORD}
    assert client.post(address, form).status_code == 302
    wu.refresh_from_db()
    assert wu.email == "wu@new.example"


def test_the_erasure_of_a_candidate_asks_for_the_password(
    client: Client, admin: User, campaign: Campaign, clock: Clock
) -> None:
    candidate = make_candidate(campaign=campaign)
    signed_in(client, admin)
    clock.shift(minutes=16)
    address = reverse("erase", args=[candidate.pk])
    assert client.post(address).status_code == 403
    assert Candidate.objects.get().anonymised_at is None
    client.post(address, {"confirm_password": PASSWORD})
    assert Candidate.objects.get().anonymised_at is not None


def test_an_export_over_the_api_needs_a_confirmed_session_or_a_token(
    lin_client: Client, lin: User
) -> None:
    entries = {"what": "candidates"}
    refused(Api(lin_client).post("exports/", entries), 403)
    address = "/accounts/confirm/?next=/tasks/"
    form = hidden_fields(lin_client.get(address).content.decode())
    confirmed = lin_client.post(address, form | {"confirm_password": PASSWORD}, follow=True)
    assert confirmed.request["PATH_INFO"] == "/tasks/"
    assert Api(lin_client).post("exports/", entries).status_code == 202
    key = api_token_create(user=lin, name="A script")
    script = Api(Client(headers={"Authorization": f"Token {key}"}))
    assert script.post("exports/", entries).status_code == 202


def test_the_confirmation_leads_to_no_other_site(lin_client: Client) -> None:
    address = "/accounts/confirm/?next=https://evil.example/"
    lin_client.post(address, {"confirm_password": PASSWORD})
    assert lin_client.get(address)["Location"] == "/"
