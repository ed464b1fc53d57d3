"""The upload form, and the form with the options for reading a CSV file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from jobs.imports import queue, runs
from jobs.imports.limits import MAX_BYTES
from jobs.imports.options import ENCODINGS, SEPARATOR_LABELS, ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.models import Campaign
from jobs.models.campaigns import CampaignQuerySet
from jobs.models.imports import ImportRun
from jobs.uploads.scan import refuse_malware

DETECT = ("", gettext_lazy("Detect automatically"))
COLUMN = "column"  # one field of this name for each column of the file, in their order


class CsvOptionsForm(forms.Form):
    """Encoding, separator, heading row and sheet. Options left empty are detected."""

    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"), required=False, choices=[DETECT, *ENCODINGS.items()]
    )
    separator = forms.ChoiceField(
        label=gettext_lazy("Separator"),
        required=False,
        choices=[DETECT, *SEPARATOR_LABELS.items()],
    )
    has_headings = forms.TypedChoiceField(
        label=gettext_lazy("First row"),
        required=False,
        empty_value=None,
        coerce=lambda value: value == "yes",
        choices=[
            DETECT,
            ("yes", gettext_lazy("Contains headings")),
            ("no", gettext_lazy("Is a candidate")),
        ],
    )

    sheet = forms.CharField(label=gettext_lazy("Sheet"), required=False, max_length=255)

    @property
    def reading(self) -> ReadOptions:
        """The options chosen here, with the columns if the page shows them."""
        data = self.data
        columns = data.getlist(COLUMN) if isinstance(data, QueryDict) else []
        return ReadOptions(
            encoding=self.cleaned_data["encoding"],
            separator=self.cleaned_data["separator"],
            has_headings=self.cleaned_data["has_headings"],
            columns=tuple(columns) or None,
            sheet=self.cleaned_data["sheet"],
        )


class UploadForm(CsvOptionsForm):
    """A file and the campaign its candidates join. A valid form has stored the file as `run`."""

    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=True)
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

    def clean_file(self) -> Any:
        refuse_malware(self.cleaned_data["file"])
        return self.cleaned_data["file"]

    def clean(self) -> None:
        file = self.cleaned_data.get("file")
        if file is None or self.errors:
            return
        try:
            self.run = queue.import_run_receive(
                content=file.read(MAX_BYTES + 1),
                file_name=file.name,
                campaign=self.cleaned_data["campaign"],
                owner=self.owner,
                reading=self.reading,
            )
        except UnreadableFile as refused:
            self.add_error("file", str(refused))
