"""Reports errors and page timings to Sentry. Without SENTRY_DSN every function does nothing.

`event_filter` decides what is sent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

import sentry_sdk
from sentry_sdk.crons import capture_checkin
from sentry_sdk.integrations.argv import ArgvIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.integrations.stdlib import StdlibIntegration

from monitoring.sentry.event_filter import filter_breadcrumb, filter_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentry_sdk.types import MonitorConfig

SHUTDOWN_SECONDS = 1.0  # how long an ending process waits for Sentry to accept pending events
NEVER: Any = {"mode": "off"}
# The SDK collects nothing by itself. This replaces the older `send_default_pii=False`.
COLLECTED: Any = {
    "user_info": False,
    "cookies": NEVER,
    "http_headers": {"request": NEVER},
    "http_bodies": [],
    "url_query_params": NEVER,
    "graphql": {"document": False, "variables": False},
    "gen_ai": {"inputs": False, "outputs": False},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}


def start(*, dsn: str, release: str, environment: str, pages_sampled: float) -> None:
    """Initialises the SDK, once per process. pages_sampled: share of timed pages, 0 to 1."""
    if not dsn:
        return
    # It repeats, without the task, that the process of a task was killed.
    ignore_logger("multiprocessing")
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        integrations=[
            DjangoIntegration(transaction_style="function_name", signals_spans=False),
            # Its headers would replace our own task headers: actor, request id and due time.
            CeleryIntegration(propagate_traces=False),
        ],
        # Command arguments may name people; the URLs of outgoing requests may contain tokens.
        disabled_integrations=[ArgvIntegration(), StdlibIntegration()],
        auto_enabling_integrations=False,
        data_collection=COLLECTED,
        include_local_variables=False,
        max_request_body_size="never",
        trace_propagation_targets=[],
        traces_sampler=lambda context: _share_of(context, pages_sampled),
        before_send=filter_event,
        before_send_transaction=filter_event,
        before_breadcrumb=filter_breadcrumb,
        attach_stacktrace=True,
        auto_session_tracking=False,
        spotlight=False,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )


def is_on() -> bool:
    """Whether reporting is on. Reads the global scope: other calls would create one per socket."""
    return sentry_sdk.get_global_scope().client.is_active()


def _share_of(context: dict[str, Any], pages_sampled: float) -> float:
    """Times pages only: sockets last for hours, and tasks have their own metrics."""
    scope = context.get("asgi_scope") or {}
    return pages_sampled if scope.get("type") == "http" else 0.0


def isolated_scope(*, user_id: int | None = None, **tags: str) -> AbstractContextManager[None]:
    """Within the block, errors are reported with these tags and this user id, and no others.

    The SDK isolates pages and tasks, but not sockets and background loops. Values of tags come from
    closed sets, or are ids.
    """
    return _own_scope(user_id, tags) if is_on() else nullcontext()


@contextmanager
def _own_scope(user_id: int | None, tags: dict[str, str]) -> Iterator[None]:
    with sentry_sdk.isolation_scope() as scope:
        scope.clear()  # an asyncio task inherits the scope of its creator
        scope.set_tags(tags)
        if user_id is not None:
            scope.set_user({"id": str(user_id)})
        yield


@contextmanager
def task_scope(name: str, task_id: str) -> Iterator[None]:
    """Within the block, errors are reported as of this task, as the SDK does within a task."""
    with isolated_scope(celery_task_id=task_id):
        if is_on():
            sentry_sdk.get_isolation_scope().set_transaction_name(name, source="task")
        yield


def set_tags(**tags: str) -> None:
    """Adds tags to the current scope."""
    if is_on():
        sentry_sdk.get_isolation_scope().set_tags(tags)


def send_check_in(
    slug: str,
    status: Literal["in_progress", "ok", "error"],
    *,
    check_in_id: str,
    config: MonitorConfig | None,
    duration_seconds: float | None = None,
) -> None:
    """Reports the status of a scheduled run; calls with the same id belong to the same run."""
    if is_on():
        capture_checkin(slug, check_in_id, status, duration_seconds, config)
