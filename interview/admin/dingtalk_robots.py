"""Admin of DingTalk robots: their health, and test messages with DingTalk's response.

Webhook and secret are not in the database: the environment holds them under the robot's name.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.models import Robot
from interview.notifications.dingtalk import health as robot_health
from interview.notifications.dingtalk import test_message
from jobs.admin.base import LimitedAdmin, filter_by_campaign
from jobs.models import Campaign
from jobs.models.access import may_see_everything

RELOADS_FOR = timedelta(minutes=2)  # then the page stops reloading itself


@admin.register(Robot)
class RobotAdmin(LimitedAdmin):
    """Robots of the user's campaigns; all of them for users who may change robots."""

    list_display = ["name", "campaign", "health", "alarm", "is_configured"]
    list_filter = [filter_by_campaign("campaign"), "is_enabled"]
    list_select_related = ["campaign"]
    fields = [
        *("name", "campaign", "is_enabled", "is_configured"),
        *("health", "alarm", "rests_until", "failures"),
    ]
    change_form_template = "interview/admin/robot.html"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        if user.has_perm("interview.change_robot"):
            return rows.all()  # type: ignore[no-any-return]
        own: QuerySet[Any] = rows.filter(campaign__in=Campaign.objects.coordinated_by(user))
        return own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only users who see everything may change a robot's name or campaign, and so its group."""
        readonly = ["is_configured", "health", "alarm", "rests_until", "failures"]
        return readonly if may_see_everything(request.user) else [*readonly, "name", "campaign"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if obj.is_enabled and "is_enabled" in form.changed_data:
            robot_health.reset(obj)

    @admin.display(description=_("health"))
    def health(self, robot: Robot) -> str:
        return robot_health.health_text(robot, timezone.now())

    @admin.display(description=_("credentials"), boolean=True)
    def is_configured(self, robot: Robot) -> bool:
        return robot.name in settings.DINGTALK_ROBOTS

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.test_page)
        name = "interview_robot_test"
        return [path("<int:robot_id>/test/", page, name=name), *super().get_urls()]

    def test_page(self, request: HttpRequest, robot_id: int) -> HttpResponse:
        """The most recent test messages with their responses. A POST queues another one."""
        if not request.user.has_perm("interview.send_test_message"):
            raise PermissionDenied
        robot = self.get_queryset(request).filter(pk=robot_id).first()
        if robot is None:
            raise Http404
        if request.method == "POST":
            test_message.plan_test(robot)
            return HttpResponseRedirect(reverse("admin:interview_robot_test", args=[robot.pk]))
        return render(request, "interview/admin/robot_test.html", self._page(request, robot))

    def _page(self, request: HttpRequest, robot: Robot) -> dict[str, Any]:
        tests = test_message.last_tests(robot)
        since = timezone.now() - RELOADS_FOR
        return self.admin_site.each_context(request) | {
            "title": _("Test message"),
            "opts": self.model._meta,
            "robot": robot,
            "health_text": robot_health.health_text(robot, timezone.now()),
            "tests": tests,
            "is_watched": any(
                test_message.is_pending(test) and test.created_at > since for test in tests
            ),
        }
