"""The product's settings, and pages and work that fail."""

from project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.support.mishaps"
CELERY_IMPORTS = ["tests.support.mishaps"]
