"""The import API: upload a file, read its problems, apply the import, revert it."""

from __future__ import annotations

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, inline_serializer
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from jobs.api.filters import ImportFilter
from jobs.api.permissions import IsCoordinator
from jobs.api.serializers import CampaignField
from jobs.coordinators import coordinated_campaigns
from jobs.imports import queue, runs
from jobs.imports.limits import MAX_BYTES, MAX_COLUMNS
from jobs.imports.options import (
    ENCODINGS,
    IGNORE,
    IGNORED,
    SEPARATOR_LABELS,
    SEPARATORS,
    ReadOptions,
)
from jobs.imports.problems import InvalidColumns, Problem, UnreadableFile
from jobs.imports.refusals import ImportRefused
from jobs.models import Campaign
from jobs.models.imports import ImportRun, ImportRunQuerySet
from jobs.uploads.scan import refuse_malware
from realtime.http.idempotency import IdempotentView
from realtime.http.parsers import BoundedJSONParser, MultiPartFormParser
from realtime.http.throttles import UploadThrottle
from realtime.models import TaskRun


class ProblemSerializer(serializers.Serializer[Problem]):
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField()
    code = serializers.CharField()
    reason = serializers.CharField()


class ReadingShown(serializers.Serializer[Any]):
    """How the file was read. `mapping` is the field of each column, empty if it is ignored."""

    encoding = serializers.CharField()
    separator = serializers.CharField()
    has_headings = serializers.BooleanField()
    mapping = serializers.ListField(child=serializers.CharField(), source="columns")
    sheet = serializers.CharField(default="")


class SheetShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    is_hidden = serializers.BooleanField()


class ImportSerializer(serializers.ModelSerializer[ImportRun]):
    campaign = serializers.SlugRelatedField[Campaign](slug_field="slug", read_only=True)
    problems = ProblemSerializer(many=True)
    problem_count = serializers.IntegerField(source="findings.problem_count", default=0)
    joining = serializers.IntegerField(
        help_text="Existing candidates who were not in the campaign when the file was checked."
    )
    filling = serializers.IntegerField(
        help_text="Existing candidates whose empty fields are filled, see `duplicates`."
    )
    hints = ProblemSerializer(many=True)
    hint_count = serializers.IntegerField()
    duplicates = serializers.ListField(child=serializers.DictField())
    total = serializers.IntegerField()
    reading = ReadingShown(read_only=True)
    columns = serializers.ListField(
        child=serializers.CharField(), source="findings.columns", default=list
    )
    sheets = SheetShown(many=True, help_text="The sheets of a workbook, in their order.")
    hidden_rows = serializers.IntegerField(
        help_text="Rows that the workbook hides. They are imported like the others."
    )

    class Meta:
        model = ImportRun
        fields = [
            "id", "file_name", "sha256", "campaign", "owner", "task", "state", "rows",
            "total", "new", "known", "repeated", "bad", "joining", "filling",
            "problems", "problem_count", "hints", "hint_count",
            "duplicates", "message", "reading", "columns", "sheets", "hidden_rows", "created_at",
            "applied_at", "reverted_at",
        ]  # fmt: skip
        read_only_fields = fields


class SeparatorField(serializers.ChoiceField):
    """Accepts a separator by name or as the character itself."""

    def to_internal_value(self, data: Any) -> str:
        by_character = {character: name for name, character in SEPARATORS.items()}
        name: str = super().to_internal_value(by_character.get(data, data))
        return name


class ReadingSerializer(serializers.Serializer[Any]):
    """How to read a file. Options left out are detected from the file."""

    encoding = serializers.ChoiceField(choices=list(ENCODINGS.items()), required=False)
    separator = SeparatorField(choices=list(SEPARATOR_LABELS.items()), required=False)
    has_headings = serializers.BooleanField(required=False, allow_null=True, default=None)
    mapping = serializers.ListField(
        child=serializers.CharField(allow_blank=True, max_length=40),
        required=False,
        max_length=MAX_COLUMNS,
        help_text="The field of each column, in order; empty or `ignore` skips the column.",
    )

    sheet = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=255,
        help_text="The name of a sheet of a workbook.",
    )

    @property
    def reading(self) -> ReadOptions:
        asked = self.validated_data
        columns = [IGNORED if one == IGNORE else one for one in asked.get("mapping", [])]
        return ReadOptions(
            encoding=asked.get("encoding", ""),
            separator=asked.get("separator", ""),
            has_headings=asked["has_headings"],
            columns=tuple(columns) or None,
            sheet=asked.get("sheet", ""),
        )


class ChoiceSerializer(serializers.Serializer[Any]):
    """Which rows to import if some have problems."""

    rows = serializers.ChoiceField(choices=ImportRun.Rows.choices, default=ImportRun.Rows.VALID)


class UploadSerializer(ReadingSerializer, ChoiceSerializer):
    file = serializers.FileField(allow_empty_file=True, max_length=200)
    campaign = CampaignField(queryset=Campaign.objects.none(), required=False, allow_null=True)
    dry_run = serializers.BooleanField(default=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if request := self.context.get("request"):
            campaigns = Campaign.objects.coordinated_by(request.user)
            self.fields["campaign"].queryset = campaigns  # type: ignore[attr-defined]

    def validate_file(self, file: Any) -> Any:
        refuse_malware(file)
        return file


ACCEPTED = inline_serializer(
    "ImportAccepted",
    {"task": serializers.UUIDField(), "import": serializers.UUIDField()},
)


class ImportViewSet(
    IdempotentView, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[ImportRun]
):
    """Imports of candidates from CSV files and spreadsheets."""

    queryset = ImportRun.objects.none()
    serializer_class = ImportSerializer
    permission_classes = [IsCoordinator]
    parser_classes = [MultiPartFormParser, FormParser, BoundedJSONParser]
    lookup_value_regex = "[0-9a-f-]{36}"
    filterset_class = ImportFilter

    def get_throttles(self) -> list[Any]:
        uploads = [UploadThrottle()] if self.action == "create" else []
        return [*super().get_throttles(), *uploads]

    def get_queryset(self) -> ImportRunQuerySet:
        visible = ImportRun.objects.visible_to(self.request.user)
        return visible.select_related("campaign")

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={202: ACCEPTED})
    def create(self, request: Request) -> Response:
        """Checks a file; unless it is a dry run, also queues the import.

        A worker checks a long file.
        """
        upload = UploadSerializer(data=request.data, context={"request": request})
        upload.is_valid(raise_exception=True)
        asked = upload.validated_data
        run = self._store(asked, upload.reading)
        if asked["dry_run"]:
            return accepted(run, run.task or queue.dry_run_record(run=run, by=self._person))
        try:
            return accepted(run, self._start(run, asked["rows"]))
        except ValidationError:  # a refused file is not kept
            runs.import_run_discard(run=run)
            raise

    def _store(self, asked: dict[str, Any], reading: ReadOptions) -> ImportRun:
        """Creates the run: checked at once, or waiting for a worker."""
        create = partial(runs.import_run_create, check_now=False)
        receive = queue.import_run_receive if asked["dry_run"] else create
        campaign = asked.get("campaign")
        if campaign is None:
            campaign = runs.only_open_campaign(coordinated_campaigns(self.request.user))
        try:
            run = receive(
                content=asked["file"].read(MAX_BYTES + 1),
                file_name=asked["file"].name,
                campaign=campaign,
                owner=self._person,
                reading=reading,
            )
        except UnreadableFile as refused:
            raise ValidationError({_field_of(refused, "file"): [str(refused)]}) from None
        if reasons := [str(problem) for problem in run.column_problems]:
            runs.import_run_discard(run=run)
            raise ValidationError({"mapping" if reading.columns else "file": reasons})
        return run

    @extend_schema(request=ReadingSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Reads a stored file with other options and checks it again. A refusal changes nothing.

        A long file stays in state `checking` until a worker has checked it.
        """
        asked = ReadingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            run = queue.import_run_reread(
                run=self.get_object(), reading=asked.reading, by=self._person
            )
        except UnreadableFile as refused:
            raise ValidationError({_field_of(refused, "encoding"): [str(refused)]}) from None
        except InvalidColumns as refused:
            raise ValidationError({"mapping": list(map(str, refused.problems))}) from None
        except ImportRefused as refused:
            raise ValidationError({"state": [str(refused)]}) from None
        return Response(self.get_serializer(run).data)

    def _start(self, run: ImportRun, rows: str) -> TaskRun:
        try:
            return queue.import_run_start(run=run, rows=rows, by=self._person)
        except ImportRefused as refused:
            reasons = [str(refused), *map(str, run.problems)]
            raise ValidationError({"file": reasons}) from None

    @property
    def _person(self) -> Any:
        return self.request.user

    @extend_schema(request=ChoiceSerializer, responses={202: ACCEPTED})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Imports a file that a dry run has checked."""
        run = self.get_object()
        choice = ChoiceSerializer(data=request.data)
        choice.is_valid(raise_exception=True)
        return accepted(run, self._start(run, choice.validated_data["rows"]))

    @extend_schema(request=None, responses={200: OpenApiResponse(ImportSerializer)})
    @action(detail=True, methods=["post"])
    def revert(self, request: Request, pk: str) -> Response:
        """Reverts an import: removes its candidates without applications, and its memberships."""
        try:
            run, removed = runs.import_run_revert(run=self.get_object())
        except ImportRefused as refused:
            raise ValidationError({"state": [str(refused)]}) from None
        return Response({**self.get_serializer(run).data, "removed": removed})


def _field_of(refused: UnreadableFile, other: str) -> str:
    """Returns the field of the request that the refusal is about."""
    return "sheet" if refused.problem.code == "no_such_sheet" else other


def accepted(run: ImportRun, task: TaskRun) -> Response:
    return Response({"task": task.pk, "import": run.pk}, status=status.HTTP_202_ACCEPTED)
