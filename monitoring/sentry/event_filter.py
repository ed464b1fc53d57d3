"""Filter for everything sent to Sentry: it passes what comes from the code, never data.

An allow list, not a block list: a person's name looks like any other word, so a text passes only if
it is a constant of the code. `reporting` installs `filter_event` and `filter_breadcrumb` as hooks.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from logging import LogRecord
from typing import Any

from monitoring.audit.origin import current_origin
from monitoring.logs.context import loaded_user_id
from monitoring.logs.scrubbing import FILTERED, scrub, scrub_text

PLAIN = {
    *("event_id", "type", "timestamp", "start_timestamp", "level", "platform", "logger"),
    *("release", "environment", "server_name", "sdk", "modules", "fingerprint"),
    *("transaction_info", "measurements"),
    *("monitor_slug", "monitor_config", "check_in_id", "status", "duration"),
}
TAGS = {"consumer", "kind", "loop", "socket_id", "request_id", "celery_task_id"}
EXTRA = {
    *("action", "code", "entry", "entries", "check", "task", "status", "error"),
    *("run", "import_id", "delivery", "request_id"),
}
TRACE = {"trace_id", "span_id", "parent_span_id", "op", "origin", "status"}
SPAN = TRACE | {"start_timestamp", "timestamp", "same_process_as_parent"}
SPAN_DATA = {"db.system", "http.response.status_code", "code.lineno", "code.function"}
DESCRIBED = {"view.render", "template.render", "middleware.django"}
MECHANISM = {"type", "handled", "exception_id", "parent_id", "source", "is_exception_group"}
FRAME = {
    *("filename", "function", "module", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
}
WORD = re.compile(r"[\w.:-]{1,120}", re.ASCII)
LITERAL = re.compile(
    r"E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL | re.IGNORECASE
)

# Parts of exception texts that name identifiers of the code, or report an unreachable server.
SAFE_EXCEPTION_TEXT = re.compile(
    r"""'\w+'\ object\ has\ no\ attribute\ '\w+'
      | '\w+'\ object\ is\ not\ (?:callable|iterable|subscriptable)
      | \w+\(\)\ missing\ \d+\ required\ [\w-]+\ arguments?
      | name\ '\w+'\ is\ not\ defined | No\ module\ named\ '[\w.]+' | division\ by\ zero
      | (?:relation|column|table|constraint)\ "[\w.]+"(?:\ of\ relation\ "\w+")?
      | violates\ [\w\ -]+?\ constraint(?:\ "[\w.]+")? | does\ not\ exist | deadlock\ detected
      | could\ not\ serialize\ access | canceling\ statement\ due\ to\ [\w\ -]+\ timeout
      | too\ many\ (?:connections|clients) | (?:[Cc]onnection|timeout)\ (?:refused|reset|expired)
      | timed\ out | (?:server\ )?closed\ the\ connection | No\ space\ left\ on\ device
      | Name\ or\ service\ not\ known | maximum\ recursion\ depth\ exceeded""",
    re.VERBOSE | re.ASCII,
)

# Celery also logs the exception TimeLimitExceeded.
REPEATED = {"Hard time limit (%ss) exceeded for %s[%s]"}

Part = dict[str, Any]


def filter_event(event: Any, hint: Mapping[str, Any]) -> Any:
    """The allowed parts of an event: an error, a transaction, or a check-in.

    None, which sends nothing, for an error that is reported another time.
    """
    record = hint.get("log_record")
    if record is not None and record.msg in REPEATED:
        return None
    filtered = _only(event, PLAIN)
    for name, filter_part in PARTS.items():
        if event.get(name):
            filtered[name] = filter_part(event[name])
    if "logentry" in event:
        filtered["logentry"] = {"message": _constant_message(hint.get("log_record"))}
    elif "message" in event:
        filtered["logentry"] = {"message": FILTERED}
    if event.get("type") != "check_in":
        _add_origin(filtered)
    return filtered


def filter_breadcrumb(crumb: Part, hint: Mapping[str, Any]) -> Part:
    """The allowed parts of a breadcrumb: a log line or a query that preceded an error."""
    filtered = _only(crumb, {"type", "level", "category", "timestamp"})
    record = hint.get("log_record")
    if record is not None:
        filtered |= {
            "message": _constant_message(record),
            "data": _fields(crumb.get("data") or {}, EXTRA),
        }
    elif crumb.get("category") == "query":
        filtered["message"] = _statement(crumb.get("message"))
    return filtered


def _only(part: Mapping[str, Any], names: set[str]) -> Part:
    return {name: value for name, value in part.items() if name in names}


def _fields(part: Mapping[str, Any], names: set[str]) -> Part:
    """The named fields, if they are numbers or single words; a sentence may name a person."""
    return {name: _field(value) for name, value in part.items() if name in names}


def _field(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_field(one) for one in value]
    if isinstance(value, str):
        return scrub_text(value) if WORD.fullmatch(value) else FILTERED
    return value if isinstance(value, int | float | None) else FILTERED


def _constant_message(record: LogRecord | None) -> str:
    """The log message without its arguments, if it is a constant of the code that logs it."""
    if record is None:
        return FILTERED
    frame = sys._getframe()
    while frame is not None:
        code = frame.f_code
        if code.co_filename == record.pathname and frame.f_lineno == record.lineno:
            is_constant = isinstance(record.msg, str) and record.msg in code.co_consts
            return scrub_text(record.msg) if is_constant else FILTERED
        frame = frame.f_back  # type: ignore[assignment]
    return FILTERED


def _statement(text: Any) -> str:
    return scrub_text(LITERAL.sub("%s", str(text)))


def _add_origin(filtered: Part) -> None:
    """Adds the ids of request and user. Runs no query: the database may be what failed."""
    origin = current_origin()
    if origin.request_id:
        filtered.setdefault("tags", {})["request_id"] = origin.request_id
    actor = origin.actor if origin.request is None else loaded_user_id(origin.request)
    if actor is not None:
        filtered.setdefault("user", {"id": str(actor)})


def _exceptions(part: Part) -> Part:
    return {"values": [_exception(one) for one in part.get("values") or []]}


def _exception(one: Part) -> Part:
    safe_text = "; ".join(SAFE_EXCEPTION_TEXT.findall(str(one.get("value"))))
    return _only(one, {"type", "module", "thread_id"}) | {
        "value": safe_text or FILTERED,
        "mechanism": _only(one.get("mechanism") or {}, MECHANISM),
        "stacktrace": _stack(one.get("stacktrace") or {}),
    }


def _threads(part: Part) -> Part:
    return {
        "values": [
            _only(one, {"crashed", "current"}) | {"stacktrace": _stack(one.get("stacktrace") or {})}
            for one in part.get("values") or []
        ]
    }


def _stack(part: Part) -> Part:
    return {"frames": [_only(frame, FRAME) for frame in part.get("frames") or []]}


def _contexts(part: Part) -> Part:
    """Trace and runtime, without the content of tracing headers, which any client can write."""
    return {"trace": _only(part.get("trace") or {}, TRACE), "runtime": part.get("runtime") or {}}


def _spans(part: list[Part]) -> list[Part]:
    return [_span(span) for span in part]


def _span(span: Part) -> Part:
    filtered = _only(span, SPAN) | {"data": _only(span.get("data") or {}, SPAN_DATA)}
    if span.get("op") == "db":
        filtered["description"] = _statement(span.get("description"))
    elif span.get("op") in DESCRIBED:
        filtered["description"] = scrub_text(str(span.get("description")))
    return filtered


PARTS: dict[str, Callable[[Any], Any]] = {
    # The name of a view or task. A URL, which may contain a token, is filtered.
    "transaction": lambda name: FILTERED if "/" in name else name,
    "request": lambda part: _only(part, {"method"}),
    "user": lambda part: _only(part, {"id"}),
    "tags": lambda part: _fields(dict(part), TAGS),
    "extra": lambda part: _fields(part, EXTRA),
    "contexts": _contexts,
    "exception": _exceptions,
    "threads": _threads,
    "spans": _spans,
    "breadcrumbs": scrub,
}
