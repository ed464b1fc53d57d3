"""The import pages: upload a file, review the check, apply, follow the progress, undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from jobs.coordinators import coordinated_campaigns, signed_in_user
from jobs.imports import queue, runs, uploads
from jobs.imports import rejected_rows as rejecting
from jobs.imports.forms import CsvOptionsForm, UploadForm
from jobs.imports.options import ReadOptions
from jobs.imports.preview import compare_encodings, page_of, preview_of
from jobs.imports.problems import InvalidColumns, UnreadableFile
from jobs.imports.refusals import ImportRefused
from jobs.models.imports import ImportRun
from realtime.http.rate_limits import has_files, rate_limited

RUNS_SHOWN = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("upload", when=has_files)
def imports(request: HttpRequest) -> HttpResponse:
    """Lists the latest imports; POST uploads a file."""
    campaigns = coordinated_campaigns(request.user)
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*bound, campaigns=campaigns, owner=signed_in_user(request))
    if form.is_bound and form.is_valid():
        uploads.uploads_expire()
        return redirect("import", form.run.pk)
    latest = ImportRun.objects.visible_to(request.user).select_related("campaign", "owner")
    status = 422 if form.is_bound else 200
    context = {"form": form, "runs": latest[:RUNS_SHOWN]}
    return render(request, "jobs/imports.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_run(request: HttpRequest, pk: str) -> HttpResponse:
    """Shows the preview, progress or result of an import; POST applies, discards or reverts it."""
    coordinated_campaigns(request.user)
    run = get_object_or_404(_visible_runs(request), pk=pk)
    if request.method == "POST":
        return decide(request, run)
    return _show(request, run)


def _visible_runs(request: HttpRequest) -> Any:
    visible = ImportRun.objects.visible_to(request.user)
    return visible.select_related("campaign", "owner", "task")


def _show(
    request: HttpRequest, run: ImportRun, *, asked: ReadOptions | None = None, wrong: str = ""
) -> HttpResponse:
    """Renders the page, with the refused options and an error if there are any."""
    context = page_of(run, request.user) | {"wrong": wrong}
    if run.can_be_applied:
        try:
            context["preview"] = preview_of(run, asked)
        except (ImportRefused, UnreadableFile) as refused:
            context["wrong"] = wrong or str(refused)
    status = 422 if asked else 200
    return render(request, "jobs/import.html", context, status=status)


def decide(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Runs the action of the pressed button and redirects to the result."""
    try:
        match request.POST.get("do"):
            case "read":
                return _read_anew(request, run)
            case "apply":
                queue.import_run_start(run=run, rows=_rows(request), by=signed_in_user(request))
            case "discard":
                runs.import_run_discard(run=run)
                messages.info(request, _("The file was discarded. Nothing was imported."))
                return redirect("imports")
            case "revert":
                _revert(request, run)
    except ImportRefused as refused:
        messages.error(request, str(refused))
    return redirect("import", run.pk)


def _rows(request: HttpRequest) -> str:
    asked = request.POST.get("rows", "")
    return asked if asked in ImportRun.Rows.values else ImportRun.Rows.VALID


def _read_anew(request: HttpRequest, run: ImportRun) -> HttpResponse:
    form = CsvOptionsForm(request.POST)
    if not form.is_valid():
        return _show(request, run, wrong=" ".join(map(str, form.errors.values())))
    changes = form.reading.changes_to(run.read_options)
    try:
        if "confirmed" not in request.POST and (comparison := compare_encodings(run, changes)):
            return _show_comparison(request, run, form, comparison)
        queue.import_run_reread(run=run, reading=changes, by=signed_in_user(request))
    except UnreadableFile as refused:
        return _show(request, run, wrong=str(refused))
    except InvalidColumns:
        return _show(request, run, asked=changes)
    return redirect("import", run.pk)


def _show_comparison(
    request: HttpRequest, run: ImportRun, form: CsvOptionsForm, comparison: dict[str, Any]
) -> HttpResponse:
    """Asks for confirmation, with the texts that another encoding changes. Changes nothing."""
    columns = form.reading.columns or ()
    context = {"run": run, "form": form, "columns": columns, **comparison}
    return render(request, "jobs/import_encoding.html", context)


@login_required
@require_safe
def rejected(request: HttpRequest, pk: str) -> HttpResponseBase:
    """Downloads the rows with problems as a CSV file."""
    coordinated_campaigns(request.user)
    run = get_object_or_404(_visible_runs(request), pk=pk)
    try:
        file = rejecting.rejected_rows(run)
    except ImportRefused as refused:
        raise Http404(str(refused)) from None
    return FileResponse(file, as_attachment=True, filename=rejecting.rejected_name(run))


def _revert(request: HttpRequest, run: ImportRun) -> None:
    _run, removed = runs.import_run_revert(run=run)
    text = ngettext(
        "%(count)s candidate was removed.", "%(count)s candidates were removed.", removed
    )
    messages.success(request, text % {"count": removed})
