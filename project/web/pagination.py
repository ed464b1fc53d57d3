"""Pagination of the API's lists."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.fields import IntegerField
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from monitoring.http.pagination import PrimaryKeyPaginator


class StrictPageNumberPagination(PageNumberPagination):
    """Reads `?page=2&page_size=100`. Invalid values get 400; empty ones count as not given."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    django_paginator_class = PrimaryKeyPaginator

    def get_page_size(self, request: Request) -> int:
        size = _parse_number(request, self.page_size_query_param, maximum=self.max_page_size)
        return size or self.page_size

    def get_page_number(self, request: Request, paginator: Paginator[Any]) -> int:
        """Return the page number. Raises NotFound if it is after the last page."""
        number, last = _parse_number(request, self.page_query_param) or 1, paginator.num_pages
        if number > last:
            message = _("The last page is page %(last)s.") % {"last": last}
            raise NotFound({self.page_query_param: [message]})
        return number

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        page, size = parameters
        page["schema"] |= {"minimum": 1}
        size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return parameters


def _parse_number(request: Request, parameter: str, *, maximum: int | None = None) -> int | None:
    value = request.query_params.get(parameter)
    if not value:
        return None
    try:
        number: int = IntegerField(min_value=1, max_value=maximum).run_validation(value)
    except ValidationError as error:
        raise ValidationError({parameter: error.detail}) from None
    return number
