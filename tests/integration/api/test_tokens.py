"""Personal API tokens: created, shown once, and revoked."""

import importlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from monitoring.audit.models import AuditEntry
from realtime.http.tokens import (
    LAST_USED_RESOLUTION,
    MAX_TOKENS,
    api_token_create,
    digest_of,
)
from realtime.models import ApiToken, TaskRun
from tests.factories import make_interview
from tests.people import PASSWORD, signed_in
from tests.support.clients.api import Api, refused
from tests.support.product.clock import Clock

PAGE = "/me/tokens/"


@pytest.fixture
def wu_client(wu: User) -> Client:
    return signed_in(Client(), wu)


FORM = {"do": "make", "name": "A script", "scope": "write", "days": "90", "password": PASSWORD}


def create_token(client: Client, **changed: str) -> Any:
    return client.post(PAGE, FORM | changed)


def key_in(response: Any) -> str:
    match = re.search(r'id="token-key" readonly value="([0-9a-f]{40})"', response.content.decode())
    assert match, response.content
    return match[1]


def with_token(key: str) -> Api:
    return Api(Client(headers={"Authorization": f"Token {key}"}))


def test_a_token_is_shown_once_and_authenticates_requests(wu_client: Client) -> None:
    response = create_token(wu_client)
    key = key_in(response)
    assert "no-store" in response["Cache-Control"]
    assert with_token(key).get("notices/").status_code == 200
    page = wu_client.get(PAGE).content.decode()
    assert "A script" in page
    assert key not in page
    assert key not in str(ApiToken.objects.values())


def test_reloading_the_page_creates_no_second_token(wu_client: Client) -> None:
    forms = re.findall(r'name="form" value="(\w+)"', wu_client.get(PAGE).content.decode())
    assert len(forms) == 1
    form = FORM | {"form": forms[0]}
    key = key_in(wu_client.post(PAGE, form))
    again = wu_client.post(PAGE, form, follow=True)
    assert (again.status_code, ApiToken.objects.count()) == (200, 1)
    assert key not in again.content.decode()
    assert key not in str(dict(wu_client.session)), "only the response contains it"
    next_form = re.findall(r'name="form" value="(\w+)"', again.content.decode())
    wu_client.post(PAGE, form | {"form": next_form[0]})
    assert ApiToken.objects.count() == 2


def test_a_revoked_token_is_refused(wu_client: Client) -> None:
    key = key_in(create_token(wu_client))
    assert with_token(key).get("notices/").status_code == 200
    wu_client.post(PAGE, {"do": "revoke", "token": ApiToken.objects.get().pk})
    refused(with_token(key).get("notices/"), 401)


INVALID_TOKENS = ["", "x", "-1", "9" * 40, "²", "\x00"]


def test_nobody_can_revoke_other_peoples_tokens(
    subtests: pytest.Subtests, wu_client: Client, zhao: User, wu: User
) -> None:
    api_token_create(user=zhao, name="Zhao's")
    api_token_create(user=wu, name="Wu's")
    for token in INVALID_TOKENS:
        with subtests.test(token=token):
            wu_client.post(PAGE, {"do": "revoke", "token": token})
            wu_client.post(PAGE, {"do": "revoke", "token": ApiToken.objects.get(user=zhao).pk})
            assert ApiToken.objects.count() == 2


INVALID_NAMES = ["", "  ", "x" * 61, "a\x00b"]


def test_a_token_needs_a_name(subtests: pytest.Subtests, wu_client: Client) -> None:
    for name in INVALID_NAMES:
        with subtests.test(name=name):
            response = create_token(wu_client, name=name)
            assert response.status_code == 400
            assert 'aria-invalid="true"' in response.content.decode()
            assert not ApiToken.objects.exists()


def test_a_token_is_created_only_with_the_password(wu_client: Client) -> None:
    for wrong in ("", "guessed"):
        response = create_token(wu_client, password=wrong)
        assert response.status_code == 400
        assert "password" in response.context["form"].errors
        assert PASSWORD not in response.content.decode()
    assert not ApiToken.objects.exists()
    assert create_token(wu_client).status_code == 200


def test_scope_and_life_are_chosen_from_the_list(wu_client: Client) -> None:
    for wrong in ({"scope": "root"}, {"days": "36500"}, {"days": "soon"}, {"scope": ""}):
        response = create_token(wu_client, **wrong)
        assert response.status_code == 400
        assert list(response.context["form"].errors) == list(wrong)
    assert not ApiToken.objects.exists()


def test_a_token_that_may_read_changes_nothing(wu: User, wu_client: Client) -> None:
    interview = make_interview(interviewers=[wu])
    address, entries = f"interviews/{interview.pk}/accept/", {"version": interview.version}
    reader = with_token(key_in(create_token(wu_client, scope="read")))
    assert reader.get(f"interviews/{interview.pk}/").status_code == 200
    refused(reader.post(address, entries), 403)
    interview.refresh_from_db()
    assert interview.version == entries["version"]
    writer = with_token(key_in(create_token(wu_client, scope="write")))
    assert writer.post(address, entries).status_code == 200


def test_a_token_shows_the_tasks_of_everybody_only_with_the_scope_of_operations(
    chen: User, wu: User
) -> None:
    TaskRun.objects.create(name="example", owner=wu)
    found = {}
    for scope in ("read", "write", "operations"):
        api = with_token(api_token_create(user=chen, name=scope, scope=scope))
        found[scope] = api.get("tasks/").json()["count"]
    assert found == {"read": 0, "write": 0, "operations": 1}
    api = with_token(api_token_create(user=wu, name="Not in operations", scope="read"))
    assert api.get("tasks/").json()["count"] == 1, "one's own"


def test_an_expired_token_is_refused_and_marked(wu_client: Client, clock: Clock) -> None:
    key = key_in(create_token(wu_client, days="30"))
    clock.shift(days=29, hours=23)
    assert with_token(key).get("notices/").status_code == 200
    clock.shift(hours=1)
    refused(with_token(key).get("notices/"), 401)


def test_a_token_of_the_version_before_expires_after_a_year(wu: User, clock: Clock) -> None:
    """That version, which runs beside this one during an update, sets neither scope nor expiry."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO realtime_apitoken (user_id, name, digest, made_at)"
            " VALUES (%s, 'API', %s, %s)",
            [wu.pk, digest_of("abc"), clock.now()],
        )
    assert ApiToken.objects.get().scope == ApiToken.Scope.OPERATIONS
    clock.shift(days=364)
    assert with_token("abc").get("notices/").status_code == 200
    clock.shift(days=1)
    refused(with_token("abc").get("notices/"), 401)


def test_the_number_of_tokens_per_user_is_limited(wu_client: Client, wu: User) -> None:
    for _ in range(MAX_TOKENS):
        api_token_create(user=wu, name="One of many")
    assert create_token(wu_client).status_code == 400
    assert ApiToken.objects.count() == MAX_TOKENS


def test_the_last_use_is_recorded_every_few_minutes(wu_client: Client) -> None:
    api = with_token(key_in(create_token(wu_client)))
    api.get("notices/")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    api.get("notices/")
    assert ApiToken.objects.get().last_used_at == first
    long_ago = timezone.now() - LAST_USED_RESOLUTION - timedelta(minutes=1)
    ApiToken.objects.update(last_used_at=long_ago)
    api.get("notices/")
    assert ApiToken.objects.get().last_used_at > long_ago


def test_tokens_of_a_deactivated_account_are_refused(wu_client: Client, wu: User) -> None:
    api = with_token(key_in(create_token(wu_client)))
    User.objects.filter(pk=wu.pk).update(is_active=False)
    refused(api.get("notices/"), 401)


def test_creating_and_revoking_are_audited_without_the_key(wu_client: Client) -> None:
    key = key_in(create_token(wu_client))
    wu_client.post(PAGE, {"do": "revoke", "token": ApiToken.objects.get().pk})
    entries = AuditEntry.objects.filter(label="realtime.apitoken")
    assert sorted(entries.values_list("action", flat=True)) == ["create", "delete"]
    assert key not in str(entries.values())


def test_the_settings_page_links_to_the_tokens(wu_client: Client) -> None:
    assert PAGE in wu_client.get(reverse("personal_settings")).content.decode()
    assert "login" in Client().get(PAGE)["Location"]


def test_tokens_created_before_the_migration_still_work(wu: User) -> None:
    """They were stored in plain text in the table of Django REST framework."""
    migration = importlib.import_module("realtime.migrations.0009_api_tokens")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE authtoken_token"
            " (key varchar(40) PRIMARY KEY, created timestamptz, user_id integer)"
        )
        cursor.execute("INSERT INTO authtoken_token VALUES ('abc', now(), %s)", [wu.pk])
        cursor.execute(migration.CARRY_OVER)
    assert ApiToken.objects.get().digest == digest_of("abc")
    assert with_token("abc").get("notices/").status_code == 200
