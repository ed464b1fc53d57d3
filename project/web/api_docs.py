"""Pages about the API: Swagger UI, and the AsyncAPI document of the WebSockets."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

ASYNCAPI = settings.BASE_DIR / "deploy" / "docs" / "asyncapi.yaml"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the OpenAPI document with Swagger UI, served from our own static files."""
    return render(request, "api_docs.html")


@require_safe
def asyncapi(request: HttpRequest) -> FileResponse:
    """Return the AsyncAPI document as YAML."""
    return FileResponse(ASYNCAPI.open("rb"), content_type="application/yaml")
