"""What the schema says of every operation: how it refuses, and which requests may be repeated."""

from __future__ import annotations

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.openapi import AutoSchema

from project.web.api_errors import PROBLEM_TYPE
from realtime.http.idempotency import HEADER, KEY_PATTERN, REPLAYED, IdempotentView
from realtime.retention import KEEP_ANSWERS_FOR

KEEP_HOURS = KEEP_ANSWERS_FOR.total_seconds() / 3600

KEY = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": (
        "Chosen by you, for instance a UUID. A request that was carried out under this key is not "
        f"carried out again within {KEEP_HOURS:g} hours: it is answered as it was the first time. "
        "Under the same key another request gets 422, and while the first is being worked on, 409. "
        "A refused request changes nothing and leaves its key free."
    ),
}
REPLAY = {
    "description": "This is the answer of an earlier request with the same key.",
    "schema": {"type": "string", "enum": ["true"]},
}


class PageSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]  # registers itself
    target_class = "realtime.http.sessions.CsrfSessionAuthentication"


class OperationSchema(AutoSchema):
    """An operation that takes a key says so."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation and self.method == "POST" and isinstance(self.view, IdempotentView):
            operation.setdefault("parameters", []).append(KEY)
            for answer in operation["responses"].values():
                answer.setdefault("headers", {})[REPLAYED] = REPLAY
        return operation


def describe_problems(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Schema hook: any operation may answer with a problem."""
    result["components"]["schemas"]["ProblemDetails"] = PROBLEM_SCHEMA
    reference = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    answer = {"description": "What was refused, and why.", "content": {PROBLEM_TYPE: reference}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = answer
    return result


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details. Nothing has been changed.",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people, in the reader's language."},
        "errors": {
            "type": "object",
            "description": "Reasons by field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "current": {
            "type": "object",
            "description": "With 409: the row as it stands now.",
            "additionalProperties": True,
        },
    },
}
