"""The admin of accounts and groups: Django's own, with our base class."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, User

from monitoring.admin_base import BaseAdmin

admin.site.unregister([Group, User])


@admin.register(User)
class AccountAdmin(BaseAdmin, auth_admin.UserAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Accounts, with their roles and rights."""


@admin.register(Group)
class GroupAdmin(BaseAdmin, auth_admin.GroupAdmin):
    """Groups: roles with their rights."""
