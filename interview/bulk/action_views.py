"""What is done to many chosen applications besides planning: moved to a stage, their interviewers
told. Each says first what it will do; a worker does it.
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

from interview.bulk.notify import Telling, whom_to_tell
from interview.bulk.selection import chosen_from
from interview.bulk.tasks import move_applications, remind_interviewers
from interview.models import Interview
from interview.views.request_helpers import person
from jobs.applications.bulk_stage_change import REASON_LENGTH
from jobs.coordinators import coordinated_campaigns
from jobs.models import Application
from jobs.services import CLOSED_STAGES
from realtime.background import tracked_task
from realtime.display_names import display_name


class MoveForm(forms.Form):
    """The stage, and why. `seen` names each application in the version that was shown."""

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
    """Show where the chosen applications stand and ask for the stage; with `seen`, move them."""
    coordinated_campaigns(request.user)
    if "seen" in request.POST:
        return _move(request, person(request))
    chosen = chosen_from(request, person(request))
    if not chosen:
        return _nothing_chosen(request)
    seen = ",".join(f"{one.pk}:{one.version}" for one in chosen)
    stage = request.POST.get("stage", "")
    form = MoveForm(initial={"seen": seen, "stage": stage, "token": uuid4()})
    return _ask_stage(request, form, chosen)


def _ask_stage(
    request: HttpRequest, form: MoveForm, chosen: list[Application], *, status: int = 200
) -> HttpResponse:
    standing = Counter(one.get_stage_display() for one in chosen)
    context = {
        "form": form,
        "applications": chosen,
        "standing": standing.most_common(),
        "closed": sum(one.stage in CLOSED_STAGES for one in chosen),
    }
    return render(request, "interview/bulk/move.html", context, status=status)


def _move(request: HttpRequest, by: User) -> HttpResponse:
    form = MoveForm(request.POST)
    if "seen" not in form.errors and not form.is_valid():
        visible = Application.objects.visible_to(by).select_related("candidate", "job")
        ids = [pair.partition(":")[0] for pair in form.data["seen"].split(",")]
        return _ask_stage(request, form, list(visible.filter(pk__in=ids)), status=400)
    if not form.is_valid():
        return _nothing_chosen(request)
    asked, versions = form.cleaned_data, _own(form.versions(), by)
    if not versions:
        return _nothing_chosen(request)
    label = Application.Stage(asked["stage"]).label
    title = ngettext(
        "Move %(count)d application to %(stage)s",
        "Move %(count)d applications to %(stage)s",
        len(versions),
    )
    tracked_task.start(
        move_applications,
        *(versions, asked["stage"], asked["reason"].strip(), by.pk),
        title=title % {"count": len(versions), "stage": label},
        owner=by,
        total=len(versions),
        can_cancel=True,
        idempotency_key=str(asked["token"]),
    )
    return _handed_over(request)


def _own(versions: list[list[int]], by: User) -> list[list[int]]:
    """Without the applications of campaigns that are others'."""
    ids = [pk for pk, _version in versions]
    own = set(Application.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))
    return [pair for pair in versions if pair[0] in own]


@login_required
@require_POST
def tell(request: HttpRequest) -> HttpResponse:
    """Show whose interviewers would be told of what; with `token`, tell them."""
    campaigns = coordinated_campaigns(request.user)
    by = person(request)
    if not by.has_perm("interview.notify_interviewers"):
        raise PermissionDenied
    chosen = chosen_from(request, by)
    interviews = Interview.objects.for_rows().filter(application__in=chosen, campaign__in=campaigns)
    telling = whom_to_tell(interviews)
    if "token" not in request.POST:
        return render(
            request, "interview/bulk/tell.html", asked_first(telling) | {"ids": _ids(chosen)}
        )
    start_telling(telling, by, request.POST["token"])
    return _handed_over(request)


def asked_first(telling: Telling) -> dict[str, Any]:
    """What a page says before anybody is told."""
    people = User.objects.filter(pk__in=telling.people).order_by("pk")
    return {
        "telling": telling,
        "names": [display_name(one) for one in people],
        "token": uuid4(),
    }


def start_telling(telling: Telling, by: User, token: str) -> None:
    """Hand the notices to a worker, once for each token."""
    if not telling.to_tell:
        return
    title = ngettext(
        "Tell the interviewers of %(count)d interview",
        "Tell the interviewers of %(count)d interviews",
        len(telling.to_tell),
    )
    tracked_task.start(
        remind_interviewers,
        [interview.pk for interview in telling.to_tell],
        title=title % {"count": len(telling.to_tell)},
        owner=by,
        total=len(telling.to_tell),
        can_cancel=True,
        idempotency_key=token[:36],
    )


def _ids(chosen: list[Application]) -> str:
    return ",".join(str(one.pk) for one in chosen)


def _nothing_chosen(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("Choose at least one application."))
    return redirect("applications")


def _handed_over(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("A worker does it; here you see how far it is."))
    return redirect("tasks")
