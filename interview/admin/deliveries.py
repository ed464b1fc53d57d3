"""Admin of external messages: their state, sending them again, and test messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from interview.models import Delivery
from interview.notifications import channels
from interview.notifications.history import entry_of, failure_text, recipient_label
from interview.services import deliveries_resend, message_send_test
from jobs.admin.base import LimitedAdmin, filter_by_campaign
from jobs.models import Campaign
from jobs.models.access import may_see_everything
from monitoring.admin_base import ReadOnlyAdminMixin


class TestMessageForm(forms.Form):
    """Recipient of a test message, as "<channel>:<recipient>"."""

    recipient = forms.ChoiceField(label=_("To"))

    def __init__(self, user: Any, data: Any = None) -> None:
        super().__init__(data)
        field: Any = self.fields["recipient"]
        field.choices = _test_recipients(user)

    def selected(self) -> tuple[str, str]:
        """Channel and recipient of the valid form."""
        channel, _separator, recipient = self.cleaned_data["recipient"].partition(":")
        return channel, recipient


def _test_recipients(user: Any) -> list[tuple[str, str | Promise]]:
    return [
        (f"{channel.identifier}:{value}", label)
        for channel in channels.external_channels()
        for value, label in channel.test_recipients(user)
    ]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """Messages of the user's campaigns, and their own test messages."""

    change_list_template = "admin/interview/delivery_list.html"
    list_display = ["created_at", "channel", "event", "to", "state", "why", "sent_at"]
    list_filter = ["state", "channel", "event", filter_by_campaign("interview__campaign")]
    list_select_related = [*Delivery.RECIPIENT_FIELDS, "interview"]
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
        own = Q(interview__campaign__in=Campaign.objects.coordinated_by(user))
        limited: QuerySet[Any] = rows.filter(own | Q(person=user, event=Delivery.Event.TEST))
        return limited

    @admin.display(description=_("recipient"))
    def to(self, delivery: Delivery) -> str:
        return recipient_label(delivery)

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, delivery: Delivery) -> str:
        return failure_text(delivery)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("interview.resend_delivery")

    @admin.action(description=_("Send again"), permissions=["resend"])
    def send_again(
        self, request: HttpRequest, queryset: QuerySet[Delivery]
    ) -> TemplateResponse | None:
        """Show which messages will be sent again, and send them after the confirmation."""
        selected = list(queryset)
        if "confirmed" not in request.POST:
            preview = deliveries_resend(deliveries=selected, is_preview=True)
            context = self.admin_site.each_context(request) | {
                "title": _("Send again"),
                "opts": self.model._meta,
                "selected": selected,
                "preview": preview,
                "again": [entry_of(delivery) for delivery in preview.again],
            }
            return TemplateResponse(request, "admin/interview/send_again.html", context)
        again = len(deliveries_resend(deliveries=selected).again)
        messages.success(
            request,
            ngettext("%d message will be sent again.", "%d messages will be sent again.", again)
            % again,
        )
        return None

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.test_page)
        return [path("test/", view, name="interview_delivery_test"), *super().get_urls()]

    def test_page(self, request: HttpRequest) -> HttpResponse:
        """Form for a test message. A valid POST queues it and redirects to its page."""
        if not self.has_resend_permission(request):
            return redirect("admin:index")
        form = TestMessageForm(request.user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            user: Any = request.user
            channel, recipient = form.selected()
            message = message_send_test(channel=channel, recipient=recipient, by=user)
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
