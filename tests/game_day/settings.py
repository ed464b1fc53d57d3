"""The product's settings, with one more page, and backups that are monitored."""

from datetime import timedelta

from project.settings import *  # noqa: F403 every setting

ROOT_URLCONF = "tests.game_day.urls"
BACKUP_MAX_AGE = timedelta(hours=26)  # not monitored in development
