"""Errors and times told to Sentry, if there is a SENTRY_DSN; without one, nothing happens here.

What may leave the house is decided in `sentry_events`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

import sentry_sdk
from sentry_sdk.crons import capture_checkin
from sentry_sdk.integrations.argv import ArgvIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.stdlib import StdlibIntegration

from monitoring.sentry.event_filter import filter_breadcrumb, filter_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentry_sdk.types import MonitorConfig

SHUTDOWN_SECONDS = 1.0  # so long an ending process waits for a receiver that does not answer
NEVER: Any = {"mode": "off"}
# What the SDK gathers by itself: nothing. It is the present form of `send_default_pii=False`.
GATHERED: Any = {
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
    """Once in each process. pages_sampled: the share of pages whose times are told, 0 to 1."""
    if not dsn:
        return
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        integrations=[
            DjangoIntegration(transaction_style="function_name", signals_spans=False),
            # Its headers would hide our own from the tasks: who acts, and for which moment.
            CeleryIntegration(propagate_traces=False),
        ],
        # The arguments of a command may name people; addresses called may hold tokens.
        disabled_integrations=[ArgvIntegration(), StdlibIntegration()],
        auto_enabling_integrations=False,
        data_collection=GATHERED,
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
    """Asks the process alone: asking the SDK would make each socket keep a scope for nothing."""
    return sentry_sdk.get_global_scope().client.is_active()


def _share_of(context: dict[str, Any], pages_sampled: float) -> float:
    """Pages alone are timed: a socket lasts for hours, and work has numbers of its own."""
    asked = context.get("asgi_scope") or {}
    return pages_sampled if asked.get("type") == "http" else 0.0


def isolated_scope(*, user_id: int | None = None, **tags: str) -> AbstractContextManager[None]:
    """Within, what goes wrong is told with these tags, this person's number, and nobody else's.

    The SDK isolates pages and tasks, but neither sockets nor loops. Tags are of closed sets or ids.
    """
    return _own_scope(user_id, tags) if is_on() else nullcontext()


@contextmanager
def _own_scope(user_id: int | None, tags: dict[str, str]) -> Iterator[None]:
    with sentry_sdk.isolation_scope() as scope:
        scope.clear()  # a task takes over the scope of whoever began it
        scope.set_tags(tags)
        if user_id is not None:
            scope.set_user({"id": str(user_id)})
        yield


def set_tags(**tags: str) -> None:
    """More is known by now about the work in the present scope."""
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
    """Tell how a run of a periodic entry stands; the same id means the same run."""
    if is_on():
        capture_checkin(slug, check_in_id, status, duration_seconds, config)
