"""Additions to the OpenAPI schema of every operation: problem details and idempotency keys."""

from __future__ import annotations

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.openapi import AutoSchema

from project.web.api_errors import PROBLEM_TYPE
from realtime.http.idempotency import HEADER, KEY_PATTERN, REPLAYED, IdempotentView
from realtime.retention import KEEP_IDEMPOTENCY_RECORDS_FOR

KEEP_HOURS = KEEP_IDEMPOTENCY_RECORDS_FOR.total_seconds() / 3600

KEY = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": (
        "A key that you choose, such as a UUID. A repeated request with the same key within "
        f"{KEEP_HOURS:g} hours is not executed again: it gets the response of the first one. A "
        "different request with the same key gets 422, and a repeated request gets 409 while the "
        "first one is in progress. A request that is refused does not use up its key."
    ),
}
REPLAY = {
    "description": "The response is that of an earlier request with the same key.",
    "schema": {"type": "string", "enum": ["true"]},
}


class PageSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]  # registers itself
    target_class = "realtime.http.sessions.CsrfSessionAuthentication"


class OperationSchema(AutoSchema):
    """Documents the idempotency key of the operations that accept one."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation and self.method == "POST" and isinstance(self.view, IdempotentView):
            operation.setdefault("parameters", []).append(KEY)
            for response in operation["responses"].values():
                response.setdefault("headers", {})[REPLAYED] = REPLAY
        return operation


def describe_problems(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Schema hook: add problem details as the default response of every operation."""
    result["components"]["schemas"]["ProblemDetails"] = PROBLEM_SCHEMA
    reference = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    response = {"description": "The request failed.", "content": {PROBLEM_TYPE: reference}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = response
    return result


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457). The request has changed nothing.",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {
            "type": "string",
            "description": "Message in the client's language.",
        },
        "errors": {
            "type": "object",
            "description": "Messages by field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "current": {
            "type": "object",
            "description": "Only with 409: the current state of the row.",
            "additionalProperties": True,
        },
    },
}
