"""Static files as a production server has them: collected, and named by their content."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings

from tests.support.product.settings import HASHED_STORAGE

UNUSED = ["redoc"]  # as in the image


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the collected files; collecting takes seconds, so once per process."""
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root, STORAGES={"staticfiles": {"BACKEND": HASHED_STORAGE}}):
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
    return root
