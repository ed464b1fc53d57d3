"""The tasks page: a plain table from the server, which tasks.js replaces with a live one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from realtime.background import heartbeats, progress, task_rows, task_runs
from realtime.background.results import may_download
from realtime.background.texts import page_texts
from realtime.models import Heartbeat, TaskRun


@login_required
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """Lists task runs: everyone's for operations staff, the user's own for everyone else."""
    state, mine = request.GET.get("state", ""), request.GET.get("mine") == "1"
    filters: dict[str, Any] = {"state": state} if state in TaskRun.State else {}
    if mine:
        filters["owner"] = request.user
    visible = task_rows.visible_to(request.user).filter(**filters).select_related("owner")
    runs = list(visible[: task_rows.RUNS_SHOWN])
    updates = progress.latest(runs)
    sees_all = task_rows.may_see_all(request.user)
    context = {
        "runs": [(run, updates.get(run.pk)) for run in runs],
        "sees_all": sees_all,
        "flower": settings.FLOWER_URL if sees_all else "",
        "active": task_rows.ACTIVE,
        "states": TaskRun.State.choices,
        "state": filters.get("state", ""),
        "mine": mine,
        "processes": heartbeats.process_groups() if sees_all else [],
        "config": {
            "kinds": Heartbeat.Process.values,
            "texts": page_texts(),
            "language": translation.get_language(),
            "person": request.user.get_username(),
            "filter": {
                "state": filters.get("state", ""),
                "owner": request.user.get_username() if mine else "",
            },
        },
    }
    return render(request, "realtime/tasks.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """Requests cancellation of a run; the task stops at its next step."""
    run = get_object_or_404(task_rows.visible_to(request.user), pk=pk)
    if run.can_cancel and run.state in task_rows.ACTIVE:
        task_runs.request_cancel(run)
        messages.success(request, _("The task will stop at its next step."))
    else:
        messages.error(request, _("This task cannot be cancelled any more."))
    return redirect("tasks")


@login_required
@require_safe
@never_cache
def result(request: HttpRequest, pk: str) -> FileResponse:
    """Serves the result file of a run, only to its owner: it may contain personal data.

    Raises PermissionDenied if the owner has lost the right to what the file shows.
    """
    run = get_object_or_404(TaskRun, pk=pk, owner=request.user)
    assert isinstance(request.user, User), "guaranteed by the decorator"
    if not may_download(request.user, run):
        raise PermissionDenied
    try:
        file = run.result_file.open()
    except (ValueError, FileNotFoundError):  # the run has no file, or it was deleted by now
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename=run.result_name)
