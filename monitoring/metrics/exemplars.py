"""Exemplars: the id of one request or socket beside a bucket of a histogram.

Prometheus stores them if it is started with `--enable-feature=exemplar-storage`; Grafana shows them
as points, and the id finds the log lines. Only ids that nginx or the product generated: a client
could write anything else into the header.
"""

from __future__ import annotations

import re

GENERATED = re.compile(r"[0-9a-f]{32}")


def of_request(request_id: str) -> dict[str, str] | None:
    """Return the exemplar of a request; None if its id was not generated."""
    return {"request_id": request_id} if GENERATED.fullmatch(request_id) else None


def of_socket(socket_id: str) -> dict[str, str] | None:
    """Return the exemplar of a socket; None outside of one. The product generates all ids."""
    return {"socket_id": socket_id} if socket_id else None
