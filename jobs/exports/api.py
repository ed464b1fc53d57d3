"""The export API: request a file, follow its task, download the result."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.api.permissions import IsCoordinator
from jobs.exports.queue import export_start
from jobs.exports.tables import TABLES
from jobs.exports.writers import WRITERS
from realtime.http.idempotency import IdempotentView
from realtime.http.reauthentication import is_confirmed
from realtime.http.throttles import ApiThrottle, ExportThrottle

ACCEPTED = inline_serializer("ExportAccepted", {"task": serializers.UUIDField()})


class ExportSerializer(serializers.Serializer[Any]):
    """The list, the file format and the filters."""

    what = serializers.ChoiceField(choices=sorted(TABLES))
    format = serializers.ChoiceField(choices=list(WRITERS), default="csv")
    filter = serializers.DictField(
        default=dict, help_text="The filters of the list's page; for candidates also `ids`."
    )


class ExportView(IdempotentView):
    """Exports the rows of a list that the user may see. Needs the permission `jobs.export`."""

    permission_classes = [IsCoordinator]
    throttle_classes = [ApiThrottle, ExportThrottle]

    @extend_schema(request=ExportSerializer, responses={202: ACCEPTED}, operation_id="export")
    def post(self, request: Request) -> Response:
        """Queues the export; the task's `result_url` is the address of the file.

        A session must have confirmed its password lately, at `/accounts/confirm/`; a token need
        not, because it was created with the password.
        """
        if request.auth is None and not is_confirmed(request._request):
            raise PermissionDenied(_("Confirm your password first, at /accounts/confirm/."))
        entry = ExportSerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        asked, by = entry.validated_data, request.user
        assert by.is_authenticated, "guaranteed by the permission class"
        task = export_start(
            what=asked["what"], file_format=asked["format"], filters=asked["filter"], by=by
        )
        return Response({"task": task.pk}, status=status.HTTP_202_ACCEPTED)
