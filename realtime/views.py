"""Background work as a page: a plain table, which the script replaces with a live one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from realtime import progress, task_rows, task_runs
from realtime.models import TaskRun


@login_required
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """All runs for operations, one's own for everybody else."""
    runs = list(task_rows.visible_to(request.user).select_related("owner")[: task_rows.RUNS_KEPT])
    ticks = progress.latest(runs)
    context = {
        "runs": [(run, ticks.get(run.pk)) for run in runs],
        "sees_all": task_rows.sees_all(request.user),
        "active": task_rows.ACTIVE,
        "config": {
            "texts": texts(),
            "language": translation.get_language(),
            "socket": "/ws/tasks/",
            "api": "/api/v1/",
        },
    }
    return render(request, "realtime/tasks.html", context)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask a run to stop; it does so at its next step."""
    run = get_object_or_404(task_rows.visible_to(request.user), pk=pk)
    if run.can_cancel and run.state in task_rows.ACTIVE:
        task_runs.request_cancel(run)
        messages.success(request, _("The work stops at its next step."))
    else:
        messages.error(request, _("This task cannot be cancelled any more."))
    return redirect("tasks")


@login_required
@require_safe
def result(request: HttpRequest, pk: str) -> FileResponse:
    """The file that a run made, for its owner alone: operations see that it ran, not for whom."""
    run = get_object_or_404(TaskRun, pk=pk, owner=request.user)
    if not run.result_file:
        raise Http404
    return FileResponse(run.result_file.open(), as_attachment=True, filename=run.result_name)


def texts() -> dict[str, str]:
    """Key → text for the page's script."""
    return {
        **{f"state.{value}": str(label) for value, label in TaskRun.State.choices},
        "live.live": _("Live"),
        "live.catching-up": _("Catching up"),
        "live.offline": _("Offline since {time}; what you see may be old"),
        "live.outdated": _("A newer version is here"),
        "live.reload": _("Load again"),
        "live.signed-out": _("Signed out"),
        "live.refused": _("This account may not follow this page"),
        "live.broken": _("The connection broke; reload the page"),
        "left": _("{time} left"),
        "problems.one": _("{number} problem"),
        "problems.other": _("{number} problems"),
        "cancel": _("Cancel"),
        "result": _("See the result"),
        "empty": _("No work yet"),
        "empty.help": _("Imports and other long work show their progress here."),
        "stopping": _("The work stops at its next step."),
        "failed": _("That did not work. Nothing was changed."),
    }
