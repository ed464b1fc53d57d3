"""The pages of bulk actions on selected applications: change the stage, notify interviewers.

Each shows a confirmation page first, then starts a task of `tasks`. The admin uses the
notification part too.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from interview.bulk.notify import Recipients, recipients_of
from interview.bulk.selection import selected_applications
from interview.bulk.tasks import move_applications, remind_interviewers
from interview.models import Interview
from interview.views.request_helpers import signed_in_user
from jobs.applications.bulk_stage_change import REASON_LENGTH
from jobs.applications.services import CLOSED_STAGES
from jobs.coordinators import coordinated_campaigns
from jobs.models import Application
from realtime.background import tracked_tasks
from realtime.display_names import display_name


class MoveForm(forms.Form):
    """The new stage and the reason.

    `seen` holds the applications with the versions that were shown: "<id>:<version>,…". `token`
    is the idempotency key.
    """

    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        choices=[("", gettext_lazy("Choose a stage")), *Application.Stage.choices],
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=REASON_LENGTH)
    seen = forms.RegexField(r"^\d{1,18}:\d{1,9}(,\d{1,18}:\d{1,9})*$", widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def versions(self) -> list[list[int]]:
        pairs = self.cleaned_data["seen"].split(",")
        return [[int(part) for part in pair.split(":")] for pair in pairs]


@login_required
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Shows the form for the selected applications. If `seen` is posted, moves them."""
    coordinated_campaigns(request.user)
    if "seen" in request.POST:
        return _move(request, signed_in_user(request))
    chosen = selected_applications(request, signed_in_user(request))
    if not chosen:
        return _nothing_chosen(request)
    seen = ",".join(f"{one.pk}:{one.version}" for one in chosen)
    stage = request.POST.get("stage", "")
    form = MoveForm(initial={"seen": seen, "stage": stage, "token": uuid4()})
    return _show_stage_form(request, form, chosen)


def _show_stage_form(
    request: HttpRequest, form: MoveForm, chosen: list[Application], *, status: int = 200
) -> HttpResponse:
    by_stage = Counter(one.get_stage_display() for one in chosen)
    context = {
        "form": form,
        "applications": chosen,
        "by_stage": by_stage.most_common(),
        "closed": sum(one.stage in CLOSED_STAGES for one in chosen),
    }
    return render(request, "interview/bulk/move.html", context, status=status)


def _move(request: HttpRequest, by: User) -> HttpResponse:
    form = MoveForm(request.POST)
    if "seen" not in form.errors and not form.is_valid():
        visible = Application.objects.visible_to(by).select_related("candidate", "job")
        ids = [pair.partition(":")[0] for pair in form.data["seen"].split(",")]
        return _show_stage_form(request, form, list(visible.filter(pk__in=ids)), status=400)
    if not form.is_valid():
        return _nothing_chosen(request)
    values, versions = form.cleaned_data, _visible_only(form.versions(), by)
    if not versions:
        return _nothing_chosen(request)
    label = Application.Stage(values["stage"]).label
    title = ngettext(
        "Move %(count)d application to %(stage)s",
        "Move %(count)d applications to %(stage)s",
        len(versions),
    )
    tracked_tasks.start(
        move_applications,
        *(versions, values["stage"], values["reason"].strip(), by.pk),
        title=title % {"count": len(versions), "stage": label},
        owner=by,
        total=len(versions),
        can_cancel=True,
        idempotency_key=str(values["token"]),
    )
    return _started(request)


def _visible_only(versions: list[list[int]], by: User) -> list[list[int]]:
    """Drops the applications this user may not see."""
    ids = [pk for pk, _version in versions]
    own = set(Application.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))
    return [pair for pair in versions if pair[0] in own]


@login_required
@require_POST
def notify(request: HttpRequest) -> HttpResponse:
    """Shows which interviewers will be reminded. If `token` is posted, reminds them."""
    campaigns = coordinated_campaigns(request.user)
    by = signed_in_user(request)
    if not by.has_perm("interview.notify_interviewers"):
        raise PermissionDenied
    chosen = selected_applications(request, by)
    interviews = Interview.objects.for_rows().filter(application__in=chosen, campaign__in=campaigns)
    recipients = recipients_of(interviews)
    if "token" not in request.POST:
        context = confirmation_context(recipients) | {"ids": _ids(chosen)}
        return render(request, "interview/bulk/notify.html", context)
    start_reminders(recipients, by, request.POST["token"])
    return _started(request)


def confirmation_context(recipients: Recipients) -> dict[str, Any]:
    """Returns the context of a confirmation page, with a new idempotency token."""
    people = User.objects.filter(pk__in=recipients.people).order_by("pk")
    return {
        "recipients": recipients,
        "names": [display_name(one) for one in people],
        "token": uuid4(),
    }


def start_reminders(recipients: Recipients, by: User, token: str) -> None:
    """Starts the reminder task, once per token. Does nothing if there is nobody to remind."""
    if not recipients.by_interview:
        return
    title = ngettext(
        "Notify the interviewers of %(count)d interview",
        "Notify the interviewers of %(count)d interviews",
        len(recipients.by_interview),
    )
    tracked_tasks.start(
        remind_interviewers,
        [interview.pk for interview in recipients.by_interview],
        title=title % {"count": len(recipients.by_interview)},
        owner=by,
        total=len(recipients.by_interview),
        can_cancel=True,
        idempotency_key=token[:36],
    )


def _ids(chosen: list[Application]) -> str:
    return ",".join(str(one.pk) for one in chosen)


def _nothing_chosen(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("Choose at least one application."))
    return redirect("applications")


def _started(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Started. You can follow the progress here."))
    return redirect("tasks")
