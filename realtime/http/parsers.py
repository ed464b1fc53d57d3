"""Request parsers of the API: JSON up to a size limit, and multipart forms with files.

They replace the parse errors of the libraries, which are English and reveal internals, by
translated ones.
"""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from json import JSONDecodeError
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser, MultiPartParser

MAX_BODY_BYTES = 2**20  # of JSON; files are sent as multipart forms


class BodyTooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The request body is too large.")
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """Parses JSON of at most MAX_BODY_BYTES, nested no deeper than Python's recursion limit.

    Raises BodyTooLarge, and ParseError for anything else that is not a JSON value.
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
        try:
            data = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None
        except ParseError as error:
            raise ParseError(_reason(error.__context__)) from None
        if data is None:
            raise ParseError(_("Send a JSON object instead of null."))
        return data


def _reason(error: BaseException | None) -> str:
    if isinstance(error, JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("Invalid JSON in line %(line)s, column %(column)s.") % place
    if isinstance(error, UnicodeDecodeError):
        return _("The request body is not UTF-8 text.")
    return _("The JSON contains a number that is too long or not allowed.")  # such as NaN


class MultiPartFormParser(MultiPartParser):
    """Parses a multipart form with files."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError:
            raise ParseError(
                _("Invalid multipart form: the boundary does not match the Content-Type header.")
            ) from None
