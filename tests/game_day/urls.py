"""The product's pages, and one that keeps a database connection busy."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from project.urls import urlpatterns as pages

BUSY_SECONDS = 8


def busy(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [BUSY_SECONDS])
    return HttpResponse()


urlpatterns = [path("busy/", busy), *pages]
