"""The form of each action on the interview page.

The forms do not validate: the action's payload and service do, the same for pages and API.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError as PayloadError

from interview.models import Interview, Room
from interview.models.labels import ACTIONS
from interview.models.states import Side
from interview.rules.permissions import assignment_of
from interview.services import suggest_interviewers
from realtime.display_names import display_name

OFFERED_TIME_FIELDS = 3  # fields for them; the API takes more
LATE_MINUTES = (5, 10, 15)
DANGEROUS = frozenset({"excuse", "no-show", "cancel", "decline", "not-attended"})
Choices = list[tuple[Any, Any]]


class ActionForm(forms.Form):
    """A form that shows entries and errors but does not validate."""

    use_required_attribute = False

    def __init__(
        self,
        action: str,
        interview: Interview,
        *,
        fields: Mapping[str, forms.Field],
        data: Any = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, auto_id=f"{action}-%s", initial=dict(initial or {}))
        self.action, self.interview = action, interview
        self.fields.update(fields)

    label = property(lambda self: ACTIONS[self.action])
    is_dangerous = property(lambda self: self.action in DANGEROUS)

    def full_clean(self) -> None:
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def add_errors(self, reasons: Mapping[str, list[str]]) -> None:
        """Adds the errors to their fields, or to the top of the form if there is no such field."""
        for name, messages in reasons.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, message)


def form_for(action: str, interview: Interview, user: Any, data: Any = None) -> ActionForm:
    """Returns the form of an action on an interview. With `data` it shows the posted entries."""
    build = FIELD_BUILDERS.get(action, _no_fields)
    fields, initial = build(interview, user)
    return ActionForm(action, interview, fields=fields, data=data, initial=initial)


def errors_by_field(error: ValidationError | PayloadError) -> dict[str, list[str]]:
    """Returns the error messages by field name; "" for messages without a field."""
    if isinstance(error, PayloadError):
        detail = error.detail
        if isinstance(detail, Mapping):
            return {name: _texts(reasons) for name, reasons in detail.items()}
        return {"": _texts(detail)}
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {"": error.messages}


def _texts(reasons: Any) -> list[str]:
    return [str(reason) for reason in (reasons if isinstance(reasons, list) else [reasons])]


Fields = tuple[dict[str, forms.Field], dict[str, Any]]


def _no_fields(interview: Interview, user: Any) -> Fields:
    return {}, {}


def _reason(label: Any = None) -> forms.Field:
    widget = forms.TextInput(attrs={"maxlength": 300, "autocomplete": "off"})
    return forms.CharField(label=label or gettext_lazy("Reason"), widget=widget)


def _override_reason() -> forms.Field:
    """Always sent, so that the reason of the change does not confirm conflicts nobody has seen."""
    field = _reason(_("Reason to schedule despite a conflict"))
    field.required = False
    field.help_text = _("Only needed if the candidate or an interviewer has a conflict.")
    return field


def _radios(label: Any, choices: Choices) -> forms.Field:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


def _decline(interview: Interview, user: Any) -> Fields:
    return {"reason": _reason(_("Why can't you attend?"))}, {}


def _excuse(interview: Interview, user: Any) -> Fields:
    return {"reason": _reason(_("What did the candidate say?"))}, {}


def _no_show(interview: Interview, user: Any) -> Fields:
    sides = [(side.value, side.label) for side in (Side.CANDIDATE, Side.INTERVIEWER)]
    return {"side": _radios(_("Who did not come?"), sides)}, {}


def _cancel(interview: Interview, user: Any) -> Fields:
    sides = _radios(_("Which side is responsible?"), list(Side.choices))
    return {"reason": _reason(), "side": sides}, {"side": Side.COMPANY}


def _running_late(interview: Interview, user: Any) -> Fields:
    delays = [
        (n, _("%(minutes)d minutes") % {"minutes": n} if n else _("On time after all"))
        for n in (0, *LATE_MINUTES)
    ]
    part = assignment_of(user, interview)
    return {"minutes": _radios(_("By how much?"), delays)}, {
        "minutes": part.late_minutes if part else 0
    }


def _reschedule(interview: Interview, user: Any) -> Fields:
    moment = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    rooms = Room.objects.filter(campaign=interview.campaign_id, is_active=True)
    fields: dict[str, forms.Field] = {
        "starts_at": forms.DateTimeField(label=_("Start"), widget=moment),
        "ends_at": forms.DateTimeField(label=_("End"), widget=moment),
        "room": forms.ChoiceField(label=_("Room"), choices=[(r.pk, r.name) for r in rooms]),
        "reason": _reason(),
        "override_reason": _override_reason(),
    }
    return fields, {
        "starts_at": timezone.localtime(interview.starts_at),
        "ends_at": timezone.localtime(interview.ends_at),
        "room": interview.room_id,
    }


class StartTimesWidget(forms.Widget):
    """Several date-time inputs with the same name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name)) if hasattr(data, "getlist") else list(data.get(name, ()))

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        times = [*(value or ()), *[""] * OFFERED_TIME_FIELDS][
            : max(OFFERED_TIME_FIELDS, len(value or ()))
        ]
        line = '<input type="datetime-local" name="{}" value="{}" aria-label="{}">'
        label = _("Another start")
        return format_html_join(" ", line, ((name, _local(time), label) for time in times))


def _local(moment: Any) -> str:
    """Formats a date-time as the value of a datetime-local input."""
    is_read = isinstance(moment, datetime)
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if is_read else str(moment)


def _offer(interview: Interview, user: Any) -> Fields:
    help_text = _("Same room and duration. The candidate chooses on their private page.")
    starts = forms.Field(label=_("Other starts"), widget=StartTimesWidget, help_text=help_text)
    offered = interview.offered_times.values_list("starts_at", flat=True)
    fields: dict[str, forms.Field] = {"starts": starts, "override_reason": _override_reason()}
    return fields, {"starts": list(offered)}


def _reassign(interview: Interview, user: Any) -> Fields:
    here = [(a.interviewer_id, display_name(a.interviewer)) for a in interview.assignment_list()]
    others = [(one["id"], _suggestion(one)) for one in suggest_interviewers(interview)]
    fields: dict[str, forms.Field] = {
        "remove": _boxes(_("Remove"), here),
        "add": _boxes(_("Add"), others),
        "reason": _reason(),
        "override_reason": _override_reason(),
    }
    return fields, {}


def _undo(interview: Interview, user: Any) -> Fields:
    return {"override_reason": _override_reason()}, {}


def _boxes(label: str, choices: Choices) -> forms.Field:
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, widget=widget)


def _suggestion(one: dict[str, Any]) -> str:
    load = _("%(load)d that day") % {"load": one["load"]}
    parts = [one["name"], load]
    if one["needs_reason"]:
        parts.append(_("needs a reason") if one["is_free"] else _("already booked"))
    return " · ".join(parts)


FIELD_BUILDERS = {
    "excuse": _excuse,
    "no-show": _no_show,
    "cancel": _cancel,
    "reschedule": _reschedule,
    "offer-times": _offer,
    "reassign": _reassign,
    "decline": _decline,
    "running-late": _running_late,
    "undo": _undo,
}
