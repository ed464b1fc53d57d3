"""The product's settings with a worker whose children do two tasks each, and work of tests."""

from project.settings import *  # noqa: F403

CELERY_WORKER_MAX_TASKS_PER_CHILD = 2
CELERY_IMPORTS = ["tests.support.sample_tasks"]
