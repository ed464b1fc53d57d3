"""`manage.py import_candidates`: imports candidates as the import page does."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.imports import runs
from jobs.imports.columns import LABELS
from jobs.imports.limits import MAX_BYTES
from jobs.imports.options import ENCODINGS, IGNORE, IGNORED, SEPARATORS, ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.imports.refusals import ImportRefused
from jobs.models import Campaign
from jobs.models.imports import ImportRun
from jobs.tasks import summary_of

PROBLEMS_SHOWN = 50


class Command(BaseCommand):
    help = "Import candidates from a CSV file or a spreadsheet (.xlsx, .xls, .ods, HTML)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--path", type=Path, required=True, help="The file.")
        parser.add_argument("--campaign", help="Slug of the campaign to add them to.")
        parser.add_argument("--sheet", default="", help="Name of the sheet of a workbook.")
        parser.add_argument(
            "--encoding", default="", choices=ENCODINGS, help="Detected if left out."
        )
        parser.add_argument("--separator", default="", choices=SEPARATORS, help="As --encoding.")
        parser.add_argument(
            "--headings",
            dest="has_headings",
            default=None,
            action=BooleanOptionalAction,
            help="Whether the first row has headings. Detected if left out.",
        )
        parser.add_argument(
            "--mapping",
            type=mapping_of,
            metavar="FIELDS",
            help="The field of each column, separated by commas; empty or `ignore` skips a column:"
            f" name,,mobile. Fields: {', '.join(LABELS)}.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Show the result of the check; write nothing."
        )
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="Write nothing if any row has a problem."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = self._campaign(options["campaign"])
        content = read_file(options["path"])
        try:
            run = runs.import_run_create(
                content=content,
                file_name=options["path"].name,
                campaign=campaign,
                owner=None,
                reading=reading_of(options),
                has_all_rights=True,
            )
        except UnreadableFile as refused:
            raise CommandError(str(refused)) from None
        if run.column_problems:
            reasons = " ".join(map(str, run.column_problems))
            runs.import_run_discard(run=run)
            headings = ", ".join(run.findings["columns"])
            raise CommandError(
                _("%(reasons)s Columns in the file: %(headings)s. Choose fields with --mapping.")
                % {"reasons": reasons, "headings": headings}
            )
        self._say(run)
        self._decide(run, options)

    def _campaign(self, slug: str | None) -> Campaign | None:
        if slug is None:
            return runs.only_open_campaign(Campaign.objects.all())
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            known = ", ".join(Campaign.objects.values_list("slug", flat=True)) or _("none")
            raise CommandError(
                _("Campaign “%(slug)s” does not exist. Choose one of: %(known)s.")
                % {"slug": slug, "known": known}
            )
        return campaign

    def _decide(self, run: ImportRun, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            runs.import_run_discard(run=run)
            self.stdout.write(_("Dry run: nothing was written."))
            return
        if options["all_or_nothing"]:
            run.rows = ImportRun.Rows.ALL
            run.save(update_fields=["rows"])
        try:
            run = runs.import_run_apply(run=run, has_all_rights=True)
        except ImportRefused as refused:
            runs.import_run_fail(run=run, message=str(refused))
            raise CommandError(str(refused)) from None
        self.stdout.write(self.style.SUCCESS(_("Imported: %s") % summary_of(run)))

    def _say(self, run: ImportRun) -> None:
        if run.campaign is None:
            self.stdout.write(_("Campaign: none"))
        else:
            self.stdout.write(_("Campaign: %s") % run.campaign.slug)
        self._say_sheet(run)
        self.stdout.write(_("%(count)s rows: ") % {"count": run.total} + summary_of(run))
        if run.filling:
            fields = ", ".join(str(LABELS[name]) for name in run.filled_fields)
            self.stdout.write(
                _("Empty fields of existing candidates to fill: %(fields)s (%(count)s candidates)")
                % {"fields": fields, "count": run.filling}
            )
        self._say_problems(run)

    def _say_sheet(self, run: ImportRun) -> None:
        if len(run.sheets) > 1:
            others = ", ".join(
                sheet["name"] for sheet in run.sheets if sheet["name"] != run.findings["sheet"]
            )
            self.stdout.write(
                _("Sheet: %(sheet)s (not read: %(others)s)")
                % {"sheet": run.findings["sheet"], "others": others}
            )
        if run.hidden_rows:
            text = ngettext(
                "%(count)s row is hidden in the workbook. It is read like the others.",
                "%(count)s rows are hidden in the workbook. They are read like the others.",
                run.hidden_rows,
            )
            self.stdout.write(text % {"count": run.hidden_rows})

    def _say_problems(self, run: ImportRun) -> None:
        problems = run.problems
        for problem in problems[:PROBLEMS_SHOWN]:
            self.stderr.write(str(problem))
        if more := run.findings["problem_count"] - len(problems[:PROBLEMS_SHOWN]):
            self.stderr.write(_("… and %(count)s more problems") % {"count": more})
        for hint in run.hints[:PROBLEMS_SHOWN]:
            self.stdout.write(str(hint))
        if more := run.hint_count - len(run.hints[:PROBLEMS_SHOWN]):
            self.stdout.write(_("… and %(count)s more hints") % {"count": more})


def mapping_of(text: str) -> tuple[str, ...]:
    """Returns the field of each column."""
    fields = [field.strip() for field in text.split(",")]
    return tuple(IGNORED if field == IGNORE else field for field in fields)


def reading_of(options: dict[str, Any]) -> ReadOptions:
    return ReadOptions(
        encoding=options["encoding"],
        separator=options["separator"],
        has_headings=options["has_headings"],
        columns=options["mapping"],
        sheet=options["sheet"],
    )


def read_file(path: Path) -> bytes:
    """Returns the file's bytes. Raises CommandError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(
            _("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": error.strerror}
        ) from None
