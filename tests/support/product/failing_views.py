"""Pages and work that fail in every way that quotes a person. The words come from the test."""

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

logger = logging.getLogger("interview.mishaps")


class Mishap(Exception):
    """Told with whatever it was about."""


def befall(words: dict[str, str]) -> None:
    """Log, ask the database and fail, and leave the words behind wherever a report might look."""
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
            raise Mishap(f"Nothing could be done for {told}") from refused


@login_required
def page(request: HttpRequest, **kwargs: str) -> HttpResponse:
    befall(request.POST.dict())
    raise AssertionError


class Api(APIView):
    def post(self, request: Request) -> Any:
        befall(request.data)


@shared_task(name="tests.mishap")
def task(words: dict[str, str]) -> None:
    befall(words)


urlpatterns = [
    path("my-application/<str:token>/", page),
    path("api/v1/mishap/", Api.as_view()),
    path("", include("project.urls")),
]
