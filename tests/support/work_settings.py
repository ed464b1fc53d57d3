"""The product's settings, and work that only tests start."""

from project.settings import *  # noqa: F403

CELERY_IMPORTS = ["tests.support.sample_tasks"]
