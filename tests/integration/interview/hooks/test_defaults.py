"""Groups, permissions and rounds that a migration installs, also in existing installations."""

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


def permissions_of(group: Group) -> set[str]:
    pairs = group.permissions.values_list("content_type__app_label", "codename")
    return {".".join(pair) for pair in pairs}


def permission(name: str) -> Permission:
    app_label, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app_label, codename=codename)


def make_undeclared(group: Group, name: str) -> None:
    """Set the group to the state before this permission was declared."""
    group.permissions.remove(permission(name))
    GivenPermission.objects.filter(group=group, permission=permission(name)).delete()
    assert name not in permissions_of(group), "the premise"


def test_a_migration_gives_groups_newly_declared_permissions(coordinators, lin):
    make_undeclared(coordinators, RESEND)
    migrate()
    assert RESEND in permissions_of(coordinators)
    assert lin.has_perm(RESEND)


def test_groups_without_a_record_of_given_permissions_get_all_declared_ones(coordinators):
    declared = permissions_of(coordinators)
    coordinators.permissions.remove(permission(RESEND))
    GivenPermission.objects.all().delete()
    migrate()
    assert permissions_of(coordinators) == declared


def test_a_migration_keeps_permissions_added_or_removed_by_administrators(coordinators):
    added, removed = "interview.delete_room", "jobs.export"
    assert removed in permissions_of(coordinators), "the premise"
    coordinators.permissions.add(permission(added))
    coordinators.permissions.remove(permission(removed))
    before = permissions_of(coordinators)
    migrate()
    assert permissions_of(coordinators) == before


def test_a_deleted_group_is_created_again_with_all_its_permissions(coordinators):
    before = permissions_of(coordinators)
    coordinators.delete()
    migrate()
    assert permissions_of(Group.objects.get(name="coordinator")) == before


def test_a_migration_without_the_table_of_given_permissions_succeeds():
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE interview_givenpermission")  # rolled back after the test
    migrate()


@pytest.mark.parametrize("group", defaults.GROUPS)
def test_every_declared_permission_exists(group):
    names = set(defaults.declared_permissions(group))
    assert names, "the premise"
    assert names <= permissions_of(Group.objects.get(name=group))


def test_a_renamed_round_keeps_its_name():
    RoundTemplate.objects.filter(campaign=None, number=1).update(name="电话面")
    migrate()
    assert RoundTemplate.objects.get(campaign=None, number=1).name == "电话面"
