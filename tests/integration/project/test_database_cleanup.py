"""What a test has committed does not decide what the next one finds, whichever came first."""

import pytest
from django.contrib.auth.models import Group, User
from django_celery_beat.models import PeriodicTask

from interview.models import GivenPermission, RoundTemplate
from realtime.models import InstalledEntry
from tests.support.database_cleanup import forget_rows

pytestmark = pytest.mark.django_db(transaction=True)
BROUGHT = (Group, GivenPermission, RoundTemplate, PeriodicTask, InstalledEntry)


def test_what_migrations_bring_is_there_again_and_nothing_else():
    before = {model: list(model.objects.order_by("pk").values()) for model in BROUGHT}
    assert all(before.values()), "the premise"
    User.objects.create(username="guest")
    PeriodicTask.objects.update(enabled=False)
    for model in (GivenPermission, InstalledEntry):
        model.objects.all().delete()
    forget_rows(None)
    assert not User.objects.exists()
    assert {model: list(model.objects.order_by("pk").values()) for model in BROUGHT} == before
