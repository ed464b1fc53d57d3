"""The pages of the API's lists."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.fields import IntegerField
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class PageNumbers(PageNumberPagination):
    """`?page=2&page_size=100`. Any other value is refused; what is empty was not asked for."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        asked = _number(request, self.page_size_query_param, at_most=self.max_page_size)
        return asked or self.page_size

    def get_page_number(self, request: Request, paginator: Paginator[Any]) -> int:
        """Raises NotFound for a page behind the last."""
        number, last = _number(request, self.page_query_param) or 1, paginator.num_pages
        if number > last:
            reason = _("There is no page behind %(last)s.") % {"last": last}
            raise NotFound({self.page_query_param: [reason]})
        return number

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        page, size = parameters
        page["schema"] |= {"minimum": 1}
        size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return parameters


def _number(request: Request, parameter: str, *, at_most: int | None = None) -> int | None:
    asked = request.query_params.get(parameter)
    if not asked:
        return None
    try:
        number: int = IntegerField(min_value=1, max_value=at_most).run_validation(asked)
    except ValidationError as refusal:
        raise ValidationError({parameter: refusal.detail}) from None
    return number
