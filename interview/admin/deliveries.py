"""Messages that leave the house: what became of each, those given up among them, and a trial."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from interview.models import Delivery, Robot
from interview.notifications.dingtalk.test_message import send_trial
from interview.notifications.failure_reasons import reason_text
from interview.notifications.history import entry_of, recipient_name
from interview.services import deliveries_resend, message_send_test
from jobs.admin.base import LimitedAdmin, filter_by_campaign
from jobs.models import Campaign
from jobs.querysets import may_see_everything
from monitoring.read_only import ReadOnlyAdminMixin


class TrialForm(forms.Form):
    """Where a test message goes: to oneself, or to a group."""

    robot = forms.ModelChoiceField(
        Robot.objects.none(),
        label=_("To"),
        required=False,
        empty_label=_("My own e-mail address"),
    )

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        robots: Any = self.fields["robot"]
        robots.queryset = _robots_of(user)


def _robots_of(user: Any) -> QuerySet[Robot]:
    if may_see_everything(user):
        return Robot.objects.all()
    return Robot.objects.filter(campaign__in=Campaign.objects.coordinated_by(user))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """Messages of one's campaigns, and one's own trials. Given up ones: filter by that state."""

    change_list_template = "admin/interview/delivery_list.html"
    list_display = ["created_at", "channel", "event", "to", "state", "why", "sent_at"]
    list_filter = ["state", "channel", "event", filter_by_campaign("interview__campaign")]
    list_select_related = ["person", "candidate", "robot", "interview"]
    date_hierarchy = "created_at"
    actions = ["send_again"]
    fields = [
        *("channel", "event", "to", "interview", "state", "why", "answer", "attempts"),
        *("due_at", "expires_at", "claimed_at", "tried_at", "sent_at", "facts", "created_at"),
    ]
    readonly_fields = ["to", "why"]

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        if may_see_everything(user):
            everything: QuerySet[Any] = rows
            return everything
        mine = Q(interview__campaign__in=Campaign.objects.coordinated_by(user))
        limited: QuerySet[Any] = rows.filter(mine | Q(person=user, event=Delivery.Event.TEST))
        return limited

    @admin.display(description=_("recipient"))
    def to(self, delivery: Delivery) -> str:
        return recipient_name(delivery)

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, delivery: Delivery) -> str:
        return reason_text(delivery.reason) if delivery.reason else ""

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("interview.resend_delivery")

    @admin.action(description=_("Send again"), permissions=["resend"])
    def send_again(
        self, request: HttpRequest, queryset: QuerySet[Delivery]
    ) -> TemplateResponse | None:
        """Say first what it will do; do it when told to."""
        chosen = list(queryset)
        if "confirmed" not in request.POST:
            will = deliveries_resend(deliveries=chosen, is_preview=True)
            context = self.admin_site.each_context(request) | {
                "title": _("Send again"),
                "opts": self.model._meta,
                "chosen": chosen,
                "will": will,
                "again": [entry_of(delivery) for delivery in will.again],
            }
            return TemplateResponse(request, "admin/interview/send_again.html", context)
        done = deliveries_resend(deliveries=chosen)
        again = len(done.again)
        messages.success(
            request,
            ngettext("%d message is sent again.", "%d messages are sent again.", again) % again,
        )
        return None

    def get_urls(self) -> list[Any]:
        trial = path(
            "test/", self.admin_site.admin_view(self.trial), name="interview_delivery_test"
        )
        return [trial, *super().get_urls()]

    def trial(self, request: HttpRequest) -> HttpResponse:
        """Send a test message, and show what became of it."""
        if not self.has_resend_permission(request):
            return redirect("admin:index")
        form = TrialForm(request.user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            user: Any = request.user
            robot = form.cleaned_data["robot"]
            message = send_trial(robot) if robot else message_send_test(person=user)
            messages.info(
                request, _("The test message is on its way. Reload the page to see the result.")
            )
            return redirect(reverse("admin:interview_delivery_change", args=[message.pk]))
        context = self.admin_site.each_context(request) | {
            "title": _("Send a test message"),
            "opts": self.model._meta,
            "form": form,
        }
        return TemplateResponse(request, "admin/interview/send_test.html", context)
