"""Updates the Celery metrics from Celery's signals, and starts the metrics port of its processes.

A task is sent by a web process, beat or a worker, received by the main process of a worker, and
executed by one of its child processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from celery import current_app, signals
from kombu import Connection, Queue
from kombu.transport import virtual

from monitoring.metrics import exposition, metrics, multiprocess
from monitoring.metrics.db_gauges import Reading

LATER = (metrics.TASK_STARTED, metrics.TASK_SUCCEEDED, metrics.TASK_RETRIED, metrics.TASK_REVOKED)
UNKNOWN = "unknown"  # label for names in a message that this code does not know
_started: dict[str, float] = {}  # start time by task id; a child executes one task at a time


def connect() -> None:
    metrics.QUEUE_LENGTH.set_reader(queue_lengths)
    for name, receiver in (
        ("after_task_publish", sent),
        ("task_received", received),
        ("task_prerun", started),
        ("task_postrun", ended),
        ("task_success", succeeded),
        ("task_failure", failed),
        ("task_retry", retried),
        ("task_revoked", revoked),
        ("task_rejected", rejected),
        ("task_unknown", rejected),
        ("worker_init", on_worker_init),
        ("worker_ready", on_worker_ready),
        ("heartbeat_sent", on_worker_heartbeat),
        ("beat_init", on_beat_init),
    ):
        getattr(signals, name).connect(receiver, dispatch_uid=f"metrics.{name}", weak=False)


def sent(sender: str, routing_key: str, **kwargs: Any) -> None:
    metrics.TASK_SENT.labels(_name(sender), _queue(routing_key)).inc()


def received(request: Any, **kwargs: Any) -> None:
    """Also exports what may become of the task, at zero: the first retry is then an increase.

    The sender chooses the queue, so the series are not known before.
    """
    labels = _labels(request.name, request)
    metrics.TASK_RECEIVED.labels(*labels).inc()
    for counter in LATER:
        counter.labels(*labels)


def started(sender: Any, task_id: str, **kwargs: Any) -> None:
    _started[task_id] = perf_counter()
    metrics.TASK_STARTED.labels(*_labels(sender.name, sender.request)).inc()
    metrics.WORKER_TASKS_ACTIVE.labels(_host(sender.request)).inc()


def ended(sender: Any, task_id: str, **kwargs: Any) -> None:
    start = _started.pop(task_id, None)
    if start is None:
        return
    labels = _labels(sender.name, sender.request)
    metrics.TASK_RUNTIME.labels(*labels).observe(perf_counter() - start)
    metrics.WORKER_TASKS_ACTIVE.labels(_host(sender.request)).dec()


def succeeded(sender: Any, **kwargs: Any) -> None:
    metrics.TASK_SUCCEEDED.labels(*_labels(sender.name, sender.request)).inc()


def failed(sender: Any, exception: BaseException, **kwargs: Any) -> None:
    labels = _labels(sender.name, sender.request)
    metrics.TASK_FAILED.labels(*labels, type(exception).__name__).inc()


def retried(sender: Any, request: Any, **kwargs: Any) -> None:
    metrics.TASK_RETRIED.labels(*_labels(sender.name, request)).inc()


def revoked(sender: Any, request: Any, **kwargs: Any) -> None:
    metrics.TASK_REVOKED.labels(*_labels(sender.name, request)).inc()


def rejected(sender: Any, message: Any, **kwargs: Any) -> None:
    """Counts a message without a task. Its name is not a label: it comes from outside."""
    queue = _queue(message.delivery_info.get("routing_key"))
    metrics.TASK_REJECTED.labels(sender.hostname, queue).inc()


def on_worker_init(**kwargs: Any) -> None:
    exposition.serve(multiprocess.registry())


def on_worker_ready(sender: Any, **kwargs: Any) -> None:
    metrics.WORKER_UP.labels(sender.hostname).set(1)
    for queue in current_app.amqp.queues:
        metrics.TASK_REJECTED.labels(sender.hostname, queue)


def on_worker_heartbeat(**kwargs: Any) -> None:
    """Merges the files of replaced children, also while nobody scrapes."""
    multiprocess.merge_dead()


def on_beat_init(**kwargs: Any) -> None:
    exposition.serve()


def queue_lengths() -> Reading:
    """Number of waiting messages by queue, requested from the broker: values of QUEUE_LENGTH."""
    queues = current_app.amqp.queues.items()
    with current_app.connection_for_read() as connection:
        return {(name,): _length(connection, queue) for name, queue in queues}


def _length(connection: Connection, queue: Queue) -> int:
    """Length of a queue; 0 for one that does not exist: Redis does not keep empty queues."""
    try:
        with connection.channel() as channel:
            if isinstance(channel, virtual.Channel):
                # Redis. Asking whether the queue exists would ignore the prefix of its key.
                return int(channel._size(queue.name))
            declared: Any = queue.bind(channel).queue_declare(passive=True)
            return int(declared.message_count)
    except connection.channel_errors as error:
        if str(getattr(error, "reply_code", "")) != "404":
            raise
        return 0


def _labels(name: str, request: Any) -> tuple[str, str, str]:
    """Name, host and queue of a task, in the order of the labels."""
    info: Mapping[str, Any] = request.delivery_info or {}
    return _name(name), _host(request), _queue(info.get("routing_key"))


def _host(request: Any) -> str:
    return str(request.hostname or UNKNOWN)


def _name(name: str) -> str:
    return name if name in current_app.tasks else UNKNOWN


def _queue(name: str | None) -> str:
    return name if name and name in current_app.amqp.queues else UNKNOWN
