"""The admin of accounts and groups: Django's own, with our base class."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest

from interview.notifications.email.account_notices import AccountChange, account_notify
from jobs.candidates.form_fields import StaffEmailField
from monitoring.admin_base import BaseAdmin
from project.accounts.password_forms import AccountPasswordForm
from realtime.http.reauthentication import password_prompt

admin.site.unregister([Group, User])


class ConfirmedAdmin(BaseAdmin):
    """Asks for one's own password before the forms that add, change or delete.

    An unlocked browser would otherwise be enough to send the password links of any account to
    another address, or to give oneself every right.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        is_new = object_id is None
        may = self.has_add_permission if is_new else self.has_change_permission
        if may(request) and (prompt := password_prompt(request)):
            return prompt
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        if self.has_delete_permission(request) and (prompt := password_prompt(request)):
            return prompt
        return super().delete_view(request, object_id, extra_context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Its actions, which it gets by POST, delete."""
        is_action = request.method == "POST" and self.has_delete_permission(request)
        if is_action and (prompt := password_prompt(request)):
            return prompt
        return super().changelist_view(request, extra_context)


class AccountForm(UserChangeForm):  # type: ignore[type-arg]  # not generic when it runs
    """Normalises the e-mail address, as for candidates."""

    class Meta(UserChangeForm.Meta):
        field_classes = {**UserChangeForm.Meta.field_classes, "email": StaffEmailField}


@admin.register(User)
class AccountAdmin(ConfirmedAdmin, auth_admin.UserAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Accounts, with their roles and rights. People learn of changes to their account by e-mail."""

    form = AccountForm
    change_password_form = AccountPasswordForm
    change_user_password_template = "admin/account_password.html"  # noqa: S105 a path

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Asks administrators for their own password first."""
        if self.has_change_permission(request) and (prompt := password_prompt(request)):
            return prompt
        with transaction.atomic():
            return super().user_change_password(request, id, form_url)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Tells the earlier and the new address of a change of e-mail address."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            account_notify(obj, AccountChange.EMAIL_CHANGED)
            if earlier := form.initial.get("email"):
                account_notify(obj, AccountChange.EMAIL_CHANGED, address=earlier)


@admin.register(Group)
class GroupAdmin(ConfirmedAdmin, auth_admin.GroupAdmin):
    """Groups: roles with their rights."""
