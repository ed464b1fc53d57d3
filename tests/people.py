"""The people of the tests: Lin coordinates, Wu and Zhao interview, Chen runs operations, Sun has no
role, and Admin is a superuser.

They are real users with real passwords, who sign in through the login page.
"""

from __future__ import annotations

from functools import cache

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from jobs.models import Campaign, CampaignMember
from tests.factories import make_campaign

PASSWORD = "a-long-way-to-tipperary"


class FastHasher(PBKDF2PasswordHasher):
    """Django's hasher with fewer rounds, in a format that other processes can verify."""

    iterations = 1_000


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.FastHasher"]


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


def make_person(
    username: str, *groups: str, family: str = "", given: str = "", is_superuser: bool = False
) -> User:
    """Creates a user with PASSWORD in these groups; members of a group may use the admin."""
    person = User.objects.create(
        username=username,
        password=_hashed(),
        last_name=family,
        first_name=given,
        email=f"{username}@example.com",
        is_staff=is_superuser or bool(groups),
        is_superuser=is_superuser,
    )
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def signed_in(client: Client, person: User) -> Client:
    """Signs this person in through the login page and returns the client."""
    page = reverse("login")
    answer = client.post(page, {"username": person.username, "password": PASSWORD})
    assert answer.status_code == 302, "the login page refused the sign-in"
    return client


@pytest.fixture
def campaign(db: None) -> Campaign:
    """The campaign that Lin coordinates; tests put their objects here."""
    return make_campaign(slug="autumn", name="2026 秋季校招")


@pytest.fixture
def lin(campaign: Campaign) -> User:
    person = make_person("lin", "coordinator", family="林", given="岚")
    CampaignMember.objects.create(campaign=campaign, user=person)
    return person


@pytest.fixture
def wu(db: None) -> User:
    return make_person("wu", "interviewer", family="吴", given="磊")


@pytest.fixture
def zhao(db: None) -> User:
    return make_person("zhao", "interviewer", family="赵", given="敏")


@pytest.fixture
def chen(db: None) -> User:
    return make_person("chen", "operations", family="陈", given="浩")


@pytest.fixture
def sun(db: None) -> User:
    return make_person("sun", family="孙", given="悦")


@pytest.fixture
def admin(db: None) -> User:
    return make_person("admin", given="Admin", is_superuser=True)
