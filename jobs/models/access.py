"""Row-level access: superusers, and the campaign roles that open boards and walls."""

from __future__ import annotations

from typing import Any

COORDINATOR_ROLES = ("coordinator",)
WALL_ROLES = ("coordinator", "wall")


def may_see_everything(user: Any) -> bool:
    """True for active superusers. Everybody else needs a campaign membership."""
    return bool(user.is_authenticated and user.is_active and user.is_superuser)
