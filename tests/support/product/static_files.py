"""Static files as the image has them: collected, bundled, and named by their content."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from tests.support.external.programs import path_of
from tests.support.product.settings import HASHED_STORAGE

UNUSED = ["redoc"]  # as in the image


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the collected files; collecting takes seconds, so once per process."""
    root = tmp_path_factory.mktemp("static")
    collect(root, bundler=path_of("esbuild") or "")
    return root


def collect(root: Path, *, bundler: str) -> None:
    """Collects static files. bundler: the path of esbuild, or "" to have each script by itself."""
    environment = settings.ENVIRONMENT.model_copy(update={"script_bundler": bundler})
    storage = {"staticfiles": {"BACKEND": HASHED_STORAGE}}
    with override_settings(STATIC_ROOT=root, STORAGES=storage, ENVIRONMENT=environment):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
