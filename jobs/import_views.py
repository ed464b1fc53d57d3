"""Imports as pages: choose a file, read what was found, decide, watch, take back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from jobs.access import coordinated_campaigns, signed_in
from jobs.importing import plan as planning
from jobs.importing import queue, runs
from jobs.importing.cells import Person
from jobs.importing.models import ImportRun
from jobs.importing.plan import Sheet
from jobs.importing.problems import UnreadableFile
from jobs.importing.runs import ImportRefused
from jobs.importing.tables import MAX_BYTES, Row
from jobs.models import Campaign, Candidate
from jobs.querysets import CampaignQuerySet
from realtime.task_rows import task_key

RUNS_SHOWN = 20
SAMPLE_ROWS = 8
DUPLICATES_SHOWN = 50
PROBLEMS_SHOWN = 100


class UploadForm(forms.Form):
    """A file and where its people go. `run` is the check of the file once the form is valid."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=forms.FileInput(
            attrs={"accept": ".csv,.txt,.tsv,.xlsx", "aria-describedby": "file-help"}
        ),
    )
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("No campaign"),
    )
    run: ImportRun

    def __init__(self, *args: Any, campaigns: CampaignQuerySet, owner: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"campaign": runs.only_open_campaign(campaigns)}
        super().__init__(*args, **kwargs)
        self.owner = owner
        field = self.fields["campaign"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = campaigns

    def clean(self) -> None:
        file = self.cleaned_data.get("file")
        if file is None or self.errors:
            return
        try:
            self.run = runs.import_run_create(
                content=file.read(MAX_BYTES + 1),
                file_name=file.name,
                campaign=self.cleaned_data["campaign"],
                owner=self.owner,
            )
        except UnreadableFile as refused:
            self.add_error("file", str(refused))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """The latest imports, and a form for the next."""
    campaigns = coordinated_campaigns(request.user)
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*bound, campaigns=campaigns, owner=signed_in(request))
    if form.is_bound and form.is_valid():
        runs.uploads_expire()
        return redirect("import", form.run.pk)
    latest = ImportRun.objects.visible_to(request.user).select_related("campaign", "owner")
    status = 422 if form.is_bound else 200
    context = {"form": form, "runs": latest[:RUNS_SHOWN]}
    return render(request, "jobs/imports.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_run(request: HttpRequest, pk: str) -> HttpResponse:
    """One import: the preview, its progress or its result; POST decides about it."""
    coordinated_campaigns(request.user)
    visible = ImportRun.objects.visible_to(request.user)
    run = get_object_or_404(visible.select_related("campaign", "owner", "task"), pk=pk)
    if request.method == "POST":
        return decide(request, run)
    return render(request, "jobs/import.html", page_of(run, request.user))


def decide(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Do what the pressed button says, and show what came of it."""
    try:
        if request.POST.get("do") == "apply":
            queue.import_run_start(run=run, rows=ImportRun.Rows.VALID, by=signed_in(request))
        elif request.POST.get("do") == "discard":
            runs.import_run_discard(run=run)
            messages.info(request, _("The file was forgotten; nothing was imported."))
            return redirect("imports")
        elif request.POST.get("do") == "revert":
            _revert(request, run)
    except ImportRefused as refused:
        messages.error(request, str(refused))
    return redirect("import", run.pk)


def _revert(request: HttpRequest, run: ImportRun) -> None:
    _run, removed = runs.import_run_revert(run=run)
    text = ngettext(
        "%(count)s candidate was removed.", "%(count)s candidates were removed.", removed
    )
    messages.success(request, text % {"count": removed})


def page_of(run: ImportRun, user: Any) -> dict[str, Any]:
    """What the page of one import shows; people only while the file is kept."""
    valid = run.total - run.bad
    return {
        "run": run,
        "valid": valid,
        "problems": run.problems[:PROBLEMS_SHOWN],
        "problems_left": run.findings["problem_count"] - len(run.problems[:PROBLEMS_SHOWN]),
        "duplicates": _duplicates(run, user),
        "duplicates_left": run.known + run.repeated - len(run.duplicates[:DUPLICATES_SHOWN]),
        "sample": _sample(run) if run.can_be_applied else None,
        "config": _config(run),
    }


def _duplicates(run: ImportRun, user: Any) -> list[dict[str, Any]]:
    """Names only of those whom this person may see anyway."""
    shown = run.duplicates[:DUPLICATES_SHOWN]
    ids = [found["candidate"] for found in shown if found["candidate"] is not None]
    visible = Candidate.objects.visible_to(user).in_bulk(ids)
    return [{**found, "person": visible.get(found["candidate"])} for found in shown]


def _sample(run: ImportRun) -> dict[str, Any]:
    with run.upload.open("rb") as stored:
        sheet = planning.sample(stored.read(), size=SAMPLE_ROWS)
    fields = sorted(sheet.layout.fields, key=sheet.layout.fields.__getitem__)
    return {
        "headings": [sheet.layout.headings[field] for field in fields],
        "people": [
            {
                "row": person.row,
                "cells": [_cell(sheet, row, person, field) for field in fields],
                "is_bad": bool(person.problems),
            }
            for row, person in zip(sheet.rows, sheet.people[:SAMPLE_ROWS], strict=False)
        ],
        "more": max(run.total - SAMPLE_ROWS, 0),
    }


def _cell(sheet: Sheet, row: Row, person: Person, field: str) -> dict[str, Any]:
    """What was understood, or the text itself where nothing was."""
    heading, place = sheet.layout.headings[field], sheet.layout.fields[field]
    if field in person.values:
        text = person.values[field]
    else:
        text = row.cells[place] if place < len(row.cells) else ""
    is_bad = any(problem.column == heading for problem in person.problems)
    return {"text": text, "is_bad": is_bad}


def _config(run: ImportRun) -> dict[str, Any] | None:
    """What the page's script needs to follow a worker."""
    if run.state != ImportRun.State.QUEUED or run.task is None:
        return None
    return {"socket": "/ws/tasks/", "key": task_key(run.task), "waiting": _("Waiting for a worker")}
