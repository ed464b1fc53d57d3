"""The filter form of the audit page: by action, record, person and period."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from interview.audit_page.line import record_type_name
from monitoring.audit.models import Action, AuditEntry
from monitoring.audit.tracking import tracked_models
from monitoring.http.dates import DayField

LARGEST_ID = 2**63 - 1
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

LOOKUPS = {"action": "action", "label": "label", "actor": "actor_id", "before": "pk__lt"}


class AuditFilter(forms.Form):
    """Filters audit entries. An invalid form shows its errors and no entries, instead of ignoring
    the invalid filter and showing all.
    """

    action = forms.ChoiceField(
        label=_("What was done"), choices=[("", _("Anything")), *Action.choices], required=False
    )
    label = forms.ChoiceField(label=_("Kind of record"), required=False)
    record = forms.IntegerField(
        label=_("Number"), min_value=1, max_value=LARGEST_ID, required=False
    )
    who = forms.CharField(label=_("Person"), max_length=100, required=False)
    since = DayField(label=_("From"), widget=DAY, required=False)
    until = DayField(label=_("Until"), widget=DAY, required=False)
    # As in the API: these two come from links only and have no visible input.
    actor = forms.IntegerField(
        label=_("person"),
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        widget=forms.HiddenInput,
    )
    before = forms.IntegerField(
        label=_("earlier entry"),
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted((record_type_name(label), label) for label in tracked_models)
        choices: Any = self.fields["label"]
        choices.choices = [("", _("All kinds")), *((label, name) for name, label in kinds)]
        number, person = self.fields["record"].widget, self.fields["who"].widget
        number.attrs |= {"inputmode": "numeric", "placeholder": "17"}
        person.attrs |= {"type": "search", "placeholder": _("Name or username")}
        self.is_valid()

    def apply(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Returns the entries that match all filters. Days are in the reader's time zone."""
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        found = Q()
        for name, lookup in LOOKUPS.items():
            if name in wanted:
                found &= Q(**{lookup: wanted[name]})
        if "record" in wanted:
            found &= Q(ids__contains=[wanted["record"]])
        if "since" in wanted:
            found &= Q(at__gte=_begin(wanted["since"]))
        if "until" in wanted:
            found &= Q(at__lt=_begin(wanted["until"] + timedelta(days=1)))
        if "who" in wanted:
            found &= Q(actor_id__in=_named(wanted["who"]))
        return entries.filter(found)

    @property
    def is_filtered(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "before")


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _named(text: str) -> QuerySet[User, int]:
    """Returns people whose username or name contains this text, in Chinese or Western order."""
    names = {
        "chinese": Concat("last_name", "first_name"),
        "western": Concat("first_name", Value(" "), "last_name"),
    }
    holds = Q(username__icontains=text) | Q(chinese__icontains=text) | Q(western__icontains=text)
    return User.objects.annotate(**names).filter(holds).values_list("pk", flat=True)
