"""Base classes of the admin: rows limited to what the user may see, and read-only lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jobs.models import Campaign, Candidate
from monitoring.admin_base import BaseAdmin, ReadOnlyAdminMixin


class LimitedAdmin(BaseAdmin):
    """Shows only the rows that the user may see; `limited` selects them."""

    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.limited(super().get_queryset(request), request.user)

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        visible: QuerySet[Any] = rows.visible_to(user)
        return visible

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Limits foreign keys to rows the user may see, also for manipulated forms."""
        choices = db_field.related_model._default_manager.all()
        if db_field.related_model is Campaign:
            kwargs["queryset"] = choices.coordinated_by(request.user)
        elif hasattr(choices, "visible_to"):
            kwargs["queryset"] = choices.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class SearchByCandidateAndJob:
    """Searches rows by words of the candidate's name, as all pages do, and of the job's title."""

    candidate_path = "candidate"
    title_path = "job__title"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in search_term.split():
            named = Candidate.objects.search_names(word).values("pk")
            in_title = Q(**{f"{self.title_path}__icontains": word})
            queryset = queryset.filter(Q(**{f"{self.candidate_path}__in": named}) | in_title)
        return queryset, False


class NotDeleted:
    """Forbids deletion, for models that other records refer to."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(ReadOnlyAdminMixin, admin.TabularInline):  # type: ignore[type-arg]
    """Inline rows that cannot be changed, such as a history."""

    extra = 0
    can_delete = False
    show_change_link = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All of them: a form cannot be made of a field that is set by itself, such as a time."""
        fields: Any = self.fields
        return list(fields or [])


class CampaignFilter(admin.SimpleListFilter):
    """Filters by campaign; lists only campaigns that the user coordinates."""

    title = _("campaign")
    parameter_name = "campaign"
    path = "campaign"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [(c.slug, c.name) for c in Campaign.objects.coordinated_by(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        slug = self.value()
        return queryset.filter(**{f"{self.path}__slug": slug}) if slug else queryset


def filter_by_campaign(path: str) -> type[CampaignFilter]:
    """Returns a campaign filter for rows whose campaign is at this lookup path."""
    return type("CampaignFilter", (CampaignFilter,), {"path": path})
