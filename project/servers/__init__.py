"""The servers that a web process may run on: daphne by default, uvicorn for very large rooms."""

from __future__ import annotations

from typing import Any

HANDSHAKE_SECONDS = 10  # within which the head of a request is due, however it trickles in
FINISH_SECONDS = 5.0  # for requests under way and disconnect handlers, after the goodbyes


def serve(application: Any, *, server: str, host: str, port: int) -> None:
    """Serve pages and sockets until SIGTERM. server: daphne or uvicorn."""
    if server == "uvicorn":
        from project.servers import uvicorn as chosen
    else:
        from project.servers import daphne as chosen  # type: ignore[no-redef]
    chosen.serve(application, host=host, port=port)
