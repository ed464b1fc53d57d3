"""The ASGI servers of the web process: daphne by default, uvicorn for very large audiences.

Both apply the same limits and stop the same way; `manage.py web` calls `serve`.
"""

from __future__ import annotations

from typing import Any

HANDSHAKE_SECONDS = 10  # to receive all headers of a request (protects against slow clients)
FINISH_SECONDS = 5.0  # for running requests and disconnect handlers, after sockets are drained


def serve(application: Any, *, server: str, host: str, port: int) -> None:
    """Serve HTTP and WebSockets until SIGTERM. server: "daphne" or "uvicorn"."""
    if server == "uvicorn":
        from project.servers import uvicorn as chosen
    else:
        from project.servers import daphne as chosen  # type: ignore[no-redef]
    chosen.serve(application, host=host, port=port)
