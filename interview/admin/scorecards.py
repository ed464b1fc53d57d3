"""Read-only admin of scorecards. Their content is shown only to people who may read it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from interview.models import Interview, Scorecard, ScorecardAmendment, ScorecardScore
from interview.rules.permissions import may_read_scorecard_content
from jobs.admin.base import LimitedAdmin, ReadOnlyInline, filter_by_campaign
from monitoring.admin_base import ReadOnlyAdminMixin


class ScoreInline(ReadOnlyInline):
    """The scores by criterion."""

    model = ScorecardScore
    fields = ["criterion", "score"]


class AmendmentInline(ReadOnlyInline):
    """Earlier versions of an amended scorecard."""

    model = ScorecardAmendment
    fields = ["at", "by", "reason", "scores", "recommendation", "strengths", "concerns"]


@admin.register(Scorecard)
class ScorecardAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """Shows whether scorecards are submitted, and their content to people who may read it."""

    list_display = ["interview", "interviewer", "state", "submitted_at"]
    list_filter = [filter_by_campaign("interview__campaign"), "state"]
    list_select_related = ["interview", "interviewer"]

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        mine: QuerySet[Any] = rows.filter(interview__in=Interview.objects.visible_to(user))
        return mine

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sections: list[Any] = [(None, {"fields": self.list_display})]
        if obj is not None and _may_read(request.user, obj):
            content = ["recommendation", "strengths", "concerns"]
            sections.append((_("Assessment"), {"fields": content}))
        return sections

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        readable = [ScoreInline, AmendmentInline]
        return readable if obj is not None and _may_read(request.user, obj) else []


def _may_read(user: Any, card: Scorecard) -> bool:
    """Return True for the author, and for others under the rule of blind scoring."""
    return card.interviewer_id == user.pk or may_read_scorecard_content(user, card.interview)
