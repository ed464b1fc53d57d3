"""The product's settings, with one more page."""

from project.settings import *  # noqa: F403 every setting

ROOT_URLCONF = "tests.game_day.urls"
