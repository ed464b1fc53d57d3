"""Identifiers and labels of the notification channels, for the choices of `Delivery.channel`.

`interview.notifications.channels` registers them when the app starts. They are kept here because
models do not import notifications.
"""

from __future__ import annotations

from django.utils.functional import Promise

labels: dict[str, str | Promise] = {}


def choices() -> list[tuple[str, str | Promise]]:
    """Values of `Delivery.channel` with their labels, in the order of registration."""
    return list(labels.items())
