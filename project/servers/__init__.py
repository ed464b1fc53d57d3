"""The ASGI servers of the web process: daphne by default, uvicorn for very large audiences.

Both apply the same limits and stop the same way; `manage.py web` calls `serve`.
"""

from __future__ import annotations

import socket
from typing import Any

HANDSHAKE_SECONDS = 10  # to receive all headers of a request (protects against slow clients)
FINISH_SECONDS = 5.0  # for running requests and disconnect handlers, after sockets are drained
REQUEST_SECONDS = 0.1  # for a request to arrive on a connection that was accepted at last

LISTEN_BACKLOG = 1024  # Twisted's 50 overflow in a reconnect storm, which costs clients a second


def serve(
    application: Any,
    *,
    server: str,
    host: str,
    port: int,
    listener: socket.socket | None = None,
) -> None:
    """Serve HTTP and WebSockets until SIGTERM.

    server: "daphne" or "uvicorn". listener: a listening socket, instead of host and port.
    """
    if server == "uvicorn":
        from project.servers import uvicorn as chosen
    else:
        from project.servers import daphne as chosen  # type: ignore[no-redef]
    chosen.serve(application, host=host, port=port, listener=listener)


def shared_listener(host: str, port: int) -> socket.socket:
    """A listening socket on a port at which other processes of this user may listen as well.

    The operating system divides new connections among them. Raises OSError or OverflowError if the
    port is taken by another program or does not exist.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(LISTEN_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener
