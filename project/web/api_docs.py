"""The documents of the API and of the sockets, as files and as a page to read and try them."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

SOCKETS = settings.BASE_DIR / "deploy" / "docs" / "asyncapi.yaml"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document, drawn by Swagger UI from our own files."""
    return render(request, "api_docs.html")


@require_safe
def sockets(request: HttpRequest) -> FileResponse:
    """The AsyncAPI document of the sockets."""
    return FileResponse(SOCKETS.open("rb"), content_type="application/yaml")
