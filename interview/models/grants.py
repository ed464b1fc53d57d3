"""What groups have been given by the code."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import models


class GivenPermission(models.Model):
    """A permission that a group was given because the code declares it: it is given once, so that
    what a person takes away stays away.
    """

    group = models.ForeignKey(Group, models.CASCADE, related_name="+")
    permission = models.ForeignKey(Permission, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "permission"], name="a_permission_given_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.permission_id}"
