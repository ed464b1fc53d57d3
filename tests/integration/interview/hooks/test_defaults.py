"""What a migration brings to every installation, new or run by people for years."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection

from interview.hooks import defaults
from interview.models import GivenPermission, RoundTemplate

pytestmark = pytest.mark.django_db
RESEND = "interview.resend_delivery"


@pytest.fixture
def coordinators() -> Group:
    return Group.objects.get(name="coordinator")


def migrate() -> None:
    call_command("migrate", verbosity=0)


def held_by(group: Group) -> set[str]:
    pairs = group.permissions.values_list("content_type__app_label", "codename")
    return {".".join(pair) for pair in pairs}


def permission(name: str) -> Permission:
    app_label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def as_before_it_was_declared(group: Group, name: str) -> None:
    group.permissions.remove(permission(name))
    GivenPermission.objects.filter(group=group, permission=permission(name)).delete()
    assert name not in held_by(group), "the premise"


def test_a_group_that_lacks_what_a_newer_version_declares_gets_it(coordinators, lin):
    as_before_it_was_declared(coordinators, RESEND)
    migrate()
    assert RESEND in held_by(coordinators)
    assert lin.has_perm(RESEND)


def test_groups_older_than_this_memory_get_all_that_is_declared(coordinators):
    declared = held_by(coordinators)
    coordinators.permissions.remove(permission(RESEND))
    GivenPermission.objects.all().delete()
    migrate()
    assert held_by(coordinators) == declared


def test_what_an_administrator_added_or_took_away_stays_so(coordinators):
    added, taken = "interview.delete_room", "jobs.export"
    assert taken in held_by(coordinators), "the premise"
    coordinators.permissions.add(permission(added))
    coordinators.permissions.remove(permission(taken))
    before = held_by(coordinators)
    migrate()
    assert held_by(coordinators) == before


def test_a_deleted_group_comes_back_whole(coordinators):
    before = held_by(coordinators)
    coordinators.delete()
    migrate()
    assert held_by(Group.objects.get(name="coordinator")) == before


def test_a_migration_may_stop_before_the_tables_of_this():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE interview_givenpermission")  # taken back with the test
    migrate()


@pytest.mark.parametrize("group", defaults.GROUPS)
def test_every_declared_permission_exists(group):
    names = set(defaults.declared_permissions(group))
    assert names, "the premise"
    assert names <= held_by(Group.objects.get(name=group))


def test_a_round_that_people_renamed_keeps_its_name():
    RoundTemplate.objects.filter(campaign=None, number=1).update(name="电话面")
    migrate()
    assert RoundTemplate.objects.get(campaign=None, number=1).name == "电话面"
