"""DingTalk robots: whether they work, why not, and a test message with its answer.

A robot's address and secret are not here: the environment holds them under its name.
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
from interview.notifications.dingtalk import health, test_message
from jobs.admin.base import LimitedAdmin, filter_by_campaign
from jobs.models import Campaign
from jobs.querysets import may_see_everything

WATCHED_FOR = timedelta(minutes=2)  # then the page no longer asks by itself


@admin.register(Robot)
class RobotAdmin(LimitedAdmin):
    """Robots of one's campaigns; whoever may change robots sees all of them."""

    list_display = ["name", "campaign", "condition", "alarm", "is_configured"]
    list_filter = [filter_by_campaign("campaign"), "is_enabled"]
    list_select_related = ["campaign"]
    fields = [
        *("name", "campaign", "is_enabled", "is_configured"),
        *("condition", "alarm", "rests_until", "failures"),
    ]
    change_form_template = "interview/admin/robot.html"

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        if user.has_perm("interview.change_robot"):
            return rows.all()  # type: ignore[no-any-return]
        mine: QuerySet[Any] = rows.filter(campaign__in=Campaign.objects.coordinated_by(user))
        return mine

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Which group a robot speaks to is not changed under a running robot."""
        kept = ["is_configured", "condition", "alarm", "rests_until", "failures"]
        return kept if may_see_everything(request.user) else [*kept, "name", "campaign"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if obj.is_enabled and "is_enabled" in form.changed_data:
            health.mended(obj)

    @admin.display(description=_("condition"))
    def condition(self, robot: Robot) -> str:
        return health.words(robot, timezone.now())

    @admin.display(description=_("credentials"), boolean=True)
    def is_configured(self, robot: Robot) -> bool:
        return robot.name in settings.DINGTALK_ROBOTS

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.test_page)
        name = "interview_robot_test"
        return [path("<int:robot_id>/test/", page, name=name), *super().get_urls()]

    def test_page(self, request: HttpRequest, robot_id: int) -> HttpResponse:
        """The last test messages with their answers; a post has one more sent, by a worker."""
        if not request.user.has_perm("interview.send_test_message"):
            raise PermissionDenied
        robot = self.get_queryset(request).filter(pk=robot_id).first()
        if robot is None:
            raise Http404
        if request.method == "POST":
            test_message.send_trial(robot)
            return HttpResponseRedirect(reverse("admin:interview_robot_test", args=[robot.pk]))
        return render(request, "interview/admin/robot_test.html", self._page(request, robot))

    def _page(self, request: HttpRequest, robot: Robot) -> dict[str, Any]:
        trials = test_message.last_trials(robot)
        since = timezone.now() - WATCHED_FOR
        return self.admin_site.each_context(request) | {
            "title": _("Test message"),
            "opts": self.model._meta,
            "robot": robot,
            "condition": health.words(robot, timezone.now()),
            "trials": trials,
            "is_watched": any(
                test_message.is_undecided(t) and t.created_at > since for t in trials
            ),
        }
