"""Tests that commit leave no rows behind for the next test."""

import pytest
from django.contrib.auth.models import Group, User
from django_celery_beat.models import PeriodicTask

from interview.models import GivenPermission, RoundTemplate
from realtime.models import InstalledEntry
from tests.support.product.database_cleanup import reset_rows

pytestmark = pytest.mark.django_db(transaction=True)
BROUGHT = (Group, GivenPermission, RoundTemplate, PeriodicTask, InstalledEntry)


def test_only_the_rows_of_migrations_remain_after_a_cleanup():
    before = {model: list(model.objects.order_by("pk").values()) for model in BROUGHT}
    assert all(before.values()), "the premise"
    User.objects.create(username="guest")
    PeriodicTask.objects.update(enabled=False)
    for model in (GivenPermission, InstalledEntry):
        model.objects.all().delete()
    reset_rows(None)
    assert not User.objects.exists()
    assert {model: list(model.objects.order_by("pk").values()) for model in BROUGHT} == before
