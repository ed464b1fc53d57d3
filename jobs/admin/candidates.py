"""The admin of candidates, imports, personal settings and anonymisation lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from jobs.admin.base import LimitedAdmin, NotDeleted, filter_by_campaign
from jobs.candidates import services as candidate_services
from jobs.candidates.contacts import InvalidContact, normalize_mobile
from jobs.candidates.degrees import degree_label
from jobs.candidates.email_hints import hint_for
from jobs.candidates.form_fields import EmailAddressField
from jobs.candidates.permissions import changeable_candidates, may_change
from jobs.coordinators import is_coordinator, signed_in_user
from jobs.exports.queue import export_start
from jobs.exports.rights import may_export
from jobs.models import AnonymisationList, Candidate, ImportRun, PersonalSettings
from jobs.models.access import may_see_everything
from jobs.privacy.admin_log import UnnamedInLog
from jobs.privacy.anonymisation import candidates_anonymise
from monitoring.admin_base import BaseAdmin, ReadOnlyAdminMixin
from realtime.http.reauthentication import password_prompt

ANONYMISED_AT_ONCE = 500

# Apps above this one add rules for who else may see a candidate, such as their interviewers.
CANDIDATE_VISIBILITY_RULES: list[Callable[[Any], Q]] = []


@dataclass(frozen=True, slots=True)
class CandidateAction:
    """An admin action for candidates that an app above this one adds, and who may run it."""

    name: str
    label: Any
    may: Callable[[Any], bool]
    do: Callable[[Any, HttpRequest, QuerySet[Any]], Any]


CANDIDATE_ACTIONS: list[CandidateAction] = []


class CandidateForm(forms.ModelForm):  # type: ignore[type-arg]
    """Validates and normalises contacts, as the service does."""

    class Meta:
        model = Candidate
        fields = list(candidate_services.CandidateFields.__annotations__)
        field_classes = {"email": EmailAddressField}

    user: Any = None  # set by the admin

    def clean(self) -> dict[str, Any] | None:
        """Refuses contacts of other candidates that the user sees."""
        entered = super().clean() or {}
        contacts = {
            name: entered.get(name, "")
            for name in set(self.changed_data) & candidate_services.CONTACTS.keys()
        }
        problems = candidate_services.taken_contacts(
            candidate=self.instance, contacts=contacts, by=self.user
        )
        for name, problem in problems.items():
            self.add_error(name, problem)
        return entered

    def clean_mobile(self) -> str:
        try:
            return normalize_mobile(self.cleaned_data["mobile"])
        except InvalidContact as error:
            raise ValidationError(candidate_services.contact_problem(error)) from None


PERSON = (None, {"fields": ["name", "city"]})
EDUCATION = (_("Education"), {"fields": ["school", "major", "degree"]})
CONTACT = (_("Contact"), {"fields": ["mobile", "email"]})
SCORES = (_("Tests"), {"fields": ["general_score", "written_score"]})


@admin.register(Candidate)
class CandidateAdmin(UnnamedInLog, NotDeleted, LimitedAdmin):
    """Candidates. Interviewers see only their own, without contacts and test scores."""

    form = CandidateForm
    search_fields = ["name"]
    search_help_text = _("Name, pinyin, its initials, e-mail or end of the mobile.")
    actions = ["export", "anonymise"]

    def has_anonymise_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.anonymise")

    @admin.action(description=_("Anonymise …"), permissions=["anonymise"])
    def anonymise(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Anonymises the selected candidates after a confirmation; this cannot be undone."""
        changeable = changeable_candidates(request.user).filter(pk__in=queryset.values("pk"))
        chosen = list(changeable.filter(anonymised_at=None).order_by("pk")[:ANONYMISED_AT_ONCE])
        if "sure" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": _("Anonymise candidates"),
                "candidates": chosen,
                "left_out": queryset.exclude(pk__in=changeable.values("pk")).count(),
                "opts": self.opts,
            }
            return render(request, "jobs/admin/anonymise.html", context)
        if prompt := password_prompt(request):
            return prompt
        ids = [candidate.pk for candidate in chosen]
        done = len(candidates_anonymise(candidates=ids, by=signed_in_user(request)))
        text = ngettext("%d candidate was anonymised.", "%d candidates were anonymised.", done)
        messages.success(request, text % done)
        return None

    def limited(self, rows: Any, user: Any) -> QuerySet[Any]:
        coordinated = Candidate.objects.visible_to(user)
        is_coordinated = Exists(coordinated.filter(pk=OuterRef("pk")))
        limited: QuerySet[Any] = rows.annotate(is_coordinated=is_coordinated)
        if may_see_everything(user):
            return limited
        visible = Q(pk__in=coordinated.values("pk"))
        for rule in CANDIDATE_VISIBILITY_RULES:
            visible |= rule(user)
        return limited.filter(visible)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.user = request.user
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        for one in CANDIDATE_ACTIONS:
            if one.may(request.user):
                actions[one.name] = (one.do, one.name, one.label)
        return actions

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = ["name", "school", "major", "degree_read", "city"]
        return [*columns, "own_mobile", "own_email"] if is_coordinator(request.user) else columns

    @admin.display(description=_("mobile"))
    def own_mobile(self, candidate: Any) -> str:
        """The mobile of a candidate whose campaign the user coordinates, not only interviews in."""
        return candidate.mobile if candidate.is_coordinated else ""

    @admin.display(description=_("e-mail"))
    def own_email(self, candidate: Any) -> str:
        return candidate.email if candidate.is_coordinated else ""

    @admin.display(description=_("degree"), ordering="degree")
    def degree_read(self, candidate: Candidate) -> str:
        """The degree in the user's language."""
        return degree_label(candidate.degree)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        by_campaign = filter_by_campaign("campaigns")
        return [by_campaign, "degree"] if is_coordinator(request.user) else ["degree"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Contacts and scores are for coordinators of the candidate's campaigns."""
        sections = [PERSON, EDUCATION]
        is_own = is_coordinator(request.user) if obj is None else obj.is_coordinated
        return [*sections, CONTACT, SCORES] if is_own else sections

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Users who cannot see a candidate's contacts cannot search by them either."""
        if may_see_everything(request.user) or not search_term.strip():
            return queryset.search(search_term), False
        by_name = queryset.search_names(search_term)
        own = Candidate.objects.visible_to(request.user).search(search_term)
        return queryset.filter(Q(pk__in=own.values("pk")) | Q(pk__in=by_name.values("pk"))), False

    def has_export_permission(self, request: HttpRequest) -> bool:
        return may_export(request.user)

    @admin.action(description=_("Export"), permissions=["export"])
    def export(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Starts an export of the selected candidates after a confirmation page."""
        chosen = Candidate.objects.visible_to(request.user).filter(pk__in=queryset.values("pk"))
        if file_format := request.POST.get("format"):
            if prompt := password_prompt(request):
                return prompt
            self._start_export(request, chosen, file_format)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Export candidates"),
            "opts": self.opts,
            "count": chosen.count(),
            "left_out": queryset.count() - chosen.count(),
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
        }
        return TemplateResponse(request, "jobs/admin/export.html", context)

    def _start_export(self, request: HttpRequest, chosen: Any, file_format: str) -> None:
        try:
            export_start(
                what="candidates",
                file_format=file_format,
                filters={"ids": list(chosen.values_list("pk", flat=True))},
                by=signed_in_user(request),
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(
                request, gettext("The export has started. Download the file from your tasks.")
            )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by = signed_in_user(request)
        if not change:
            obj.pk = candidate_services.candidate_create(by=by, **form.cleaned_data).pk
        else:
            candidate_services.candidate_update(candidate=obj, by=by, **form.cleaned_data)
        if hint := hint_for(form.cleaned_data["email"]):
            messages.warning(request, hint)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdminMixin, LimitedAdmin):
    """The imports, read-only."""

    list_display = ["file_name", "campaign", "owner", "state", "new", "known", "bad", "created_at"]
    list_filter = ["state"]
    list_select_related = ["campaign", "owner"]
    fields = ["file_name", "campaign", "owner", "state", "new", "known", "repeated", "bad"]


@admin.register(PersonalSettings)
class PersonalSettingsAdmin(BaseAdmin):
    """Language and mobile number of each user."""

    list_display = ["user", "language"]
    list_select_related = ["user"]


@admin.register(AnonymisationList)
class AnonymisationListAdmin(ReadOnlyAdminMixin, BaseAdmin):
    """The nightly lists of candidates due for anonymisation, as ids."""

    list_display = ["at", "cutoff", "count", "announced_at", "carried_out_at"]
    fields = ["at", "cutoff", "count", "announced_at", "carried_out_at", "candidates"]
