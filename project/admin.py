"""The admin of accounts and groups: Django's own, with our base class."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User

from jobs.candidates.form_fields import StaffEmailField
from monitoring.admin_base import BaseAdmin

admin.site.unregister([Group, User])


class AccountForm(UserChangeForm):  # type: ignore[type-arg]  # not generic when it runs
    """Normalises the e-mail address, as for candidates."""

    class Meta(UserChangeForm.Meta):
        field_classes = {**UserChangeForm.Meta.field_classes, "email": StaffEmailField}


@admin.register(User)
class AccountAdmin(BaseAdmin, auth_admin.UserAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Accounts, with their roles and rights."""

    form = AccountForm


@admin.register(Group)
class GroupAdmin(BaseAdmin, auth_admin.GroupAdmin):
    """Groups: roles with their rights."""
