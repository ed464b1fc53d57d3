"""Preparing a site on the embedded database: which demo data it may serve."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from project.running import CannotRun, demo
from project.running.site import prepare

pytestmark = pytest.mark.django_db


@pytest.fixture
def _embedded_without_debug(settings: Settings, tmp_path: Path) -> None:
    """The settings of a site without DEBUG that uses the embedded database."""
    own = {"database_url": "", "demo_password": "open-sesame"}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=own)
    settings.DEBUG = False
    settings.STATIC_ROOT = tmp_path
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}


@pytest.mark.usefixtures("_embedded_without_debug")
def test_without_debug_a_demo_loaded_with_the_published_password_is_refused(
    settings: Settings,
) -> None:
    """The demo was loaded before, with DEBUG; the password set now does not change it."""
    for name in demo.PEOPLE:
        User.objects.create_user(name, password=settings.PUBLISHED_DEMO_PASSWORD)
    with pytest.raises(CannotRun) as refusal:
        prepare(print)
    still = "DEMO_PASSWORD: admin, chen, lin, sun, wu, zhao still have the published one"
    assert str(refusal.value).startswith(still)
    for user in User.objects.filter(username__in=demo.PEOPLE):
        user.set_password("open-sesame")
        user.save()
    prepare(print)
