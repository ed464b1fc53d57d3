"""The product's settings, and pages and work that fail."""

from project.settings import *  # noqa: F403

ROOT_URLCONF = "tests.support.failing_views"
CELERY_IMPORTS = ["tests.support.failing_views"]
