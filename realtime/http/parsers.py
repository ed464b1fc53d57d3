"""What the API takes in: JSON, and forms with files, within bounds that no honest request reaches.

What cannot be read is refused in words of ours: those of the libraries are English, and tell of
their insides.
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

MAX_BODY_BYTES = 2**20  # bytes; files come by another way


class BodyTooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("More was sent than this address takes.")
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """JSON of at most MAX_BODY_BYTES bytes, nested no deeper than Python can follow."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
        try:
            entries = super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError(_("This is nested too deeply.")) from None
        except ParseError as refusal:
            raise ParseError(_reason(refusal.__context__)) from None
        if entries is None:
            raise ParseError(_("An object is expected, and not null."))
        return entries


def _reason(error: BaseException | None) -> str:
    if isinstance(error, JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("This is no JSON: line %(line)s, column %(column)s.") % place
    if isinstance(error, UnicodeDecodeError):
        return _("This is no text in UTF-8.")
    return _("This holds a number that is too long, or none.")  # NaN


class MultiPartFormParser(MultiPartParser):
    """A form with files."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError:
            raise ParseError(
                _("This form cannot be read: its parts are not separated as its head says.")
            ) from None
