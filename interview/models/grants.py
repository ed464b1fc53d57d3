"""Permissions that the code has granted to groups (see `interview.hooks.defaults`)."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import models


class GivenPermission(models.Model):
    """Records that a declared permission was granted to a group.

    A declared permission is granted only once, so that one removed by an administrator is not
    granted again by the next migration.
    """

    group = models.ForeignKey(Group, models.CASCADE, related_name="+")
    permission = models.ForeignKey(Permission, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "permission"], name="a_permission_given_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.permission_id}"
