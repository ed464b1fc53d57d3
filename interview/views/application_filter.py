"""The filter form of the list of applications; also applied by bulk selection and exports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from interview.models import OCCUPIES_ROOM, Interview
from jobs.models import Application, Campaign, Candidate, Job
from jobs.models.applications import ApplicationQuerySet


class ApplicationFilter(forms.Form):
    """Filters applications. Ignores invalid values."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, pinyin, phone end")}
        ),
    )
    campaign = forms.ModelChoiceField(
        label=_("Campaign"),
        queryset=Campaign.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label=_("All campaigns"),
    )
    job = forms.ModelChoiceField(
        label=_("Job"),
        queryset=Job.objects.none(),
        required=False,
        empty_label=_("All jobs"),
    )
    stage = forms.ChoiceField(
        label=_("Stage"),
        required=False,
        choices=[("", _("All stages")), *Application.Stage.choices],
    )
    interview = forms.ChoiceField(
        label=_("Interview"),
        required=False,
        choices=[
            ("", _("Any")),
            ("none", _("None planned")),
            ("planned", _("Planned")),
        ],
    )

    only = forms.RegexField(r"^\d{1,18}(,\d{1,18})*$", required=False)

    def __init__(self, user: Any, data: Any) -> None:
        super().__init__(data)
        for name, queryset in (
            ("campaign", Campaign.objects.coordinated_by(user)),
            ("job", Job.objects.visible_to(user)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset
        self.user = user

    def results(self) -> ApplicationQuerySet:
        """Returns the applications the user may see that match all valid filters, newest first."""
        self.is_valid()
        asked = self.cleaned_data
        found = Application.objects.visible_to(self.user)
        if asked.get("q"):
            matching = Candidate.objects.search(asked["q"])
            found = found.filter(candidate__in=matching.values("pk"))
        if asked.get("campaign"):
            found = found.filter(job__campaign=asked["campaign"])
        if asked.get("job"):
            found = found.filter(job=asked["job"])
        if asked.get("only"):  # from the result link of a bulk action
            found = found.filter(pk__in=asked["only"].split(","))
        if asked.get("stage"):
            found = found.filter(stage=asked["stage"])
        if asked.get("interview"):
            planned = Exists(Interview.objects.filter(OCCUPIES_ROOM, application=OuterRef("pk")))
            found = found.filter(planned if asked["interview"] == "planned" else ~planned)
        return found

    @property
    def is_filtered(self) -> bool:
        return any(self.cleaned_data.values())
