"""The product's settings with a channel layer that loses, doubles and shuffles hints."""

from project.settings import *  # noqa: F403
from project.settings import CHANNEL_LAYERS

CHANNEL_LAYERS["default"]["BACKEND"] = "tests.support.failure_injection.UnreliableLayer"
