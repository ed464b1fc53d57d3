"""Pages and tasks that fail and quote personal data in every place a report might read."""

from __future__ import annotations

import logging
from typing import Any

import sentry_sdk
from celery import shared_task
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.views import APIView

logger = logging.getLogger("interview.failing_views")


class SampleError(Exception):
    """Raised with personal data in its message."""


def fail_with(words: dict[str, str]) -> None:
    """Logs, queries the database and raises, with these words in every message and field."""
    told = " ".join(words.values())
    logger.info("Somebody is looked at", extra={"action": "looked_at", "who": told, "words": words})
    logger.warning(f"Looked at {told}")
    logger.warning("Looked at %s", told, extra={"entry": told})
    logger.error("Could not reach %s", told)
    sentry_sdk.add_breadcrumb(message=f"Looked at {told}", data=dict(words))
    sentry_sdk.set_tag("who", told)
    sentry_sdk.set_context("who", words)
    literal = told.replace("'", "''").replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{literal}', %s::text", [told])
    try:
        with transaction.atomic():
            Group.objects.create(name=told[:150])
            Group.objects.create(name=told[:150])
    except Exception as doubled:
        try:
            raise ValidationError({"name": [f"{told} is known already."]}) from doubled
        except ValidationError as refused:
            raise SampleError(f"Nothing could be done for {told}") from refused


@login_required
def page(request: HttpRequest, **kwargs: str) -> HttpResponse:
    fail_with(request.POST.dict())
    raise AssertionError


class Api(APIView):
    def post(self, request: Request) -> Any:
        fail_with(request.data)


@shared_task(name="tests.failing_task")
def task(words: dict[str, str]) -> None:
    fail_with(words)


urlpatterns = [
    path("my-application/<str:token>/", page),
    path("api/v1/failing/", Api.as_view()),
    path("", include("project.urls")),
]
