"""How often a pool asks a database server that does not answer."""

from __future__ import annotations

import socket

from project.database.pool import ServerPool
from realtime.circuit_breaker import CircuitBreaker


def test_requests_share_one_question_to_a_silent_server() -> None:
    """Questions must not pile up during an outage: the last ones would be asked long after it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        pool = ServerPool(kwargs={"host": host, "port": port, "sslmode": "disable"}, open=False)
        pool._outage = CircuitBreaker(0.0)  # each request asks
        assert [pool._server_responds() for _ in range(3)] == [False] * 3
        pool._prober.shutdown()  # when all questions have been asked
        server.setblocking(False)
        assert number_of_connections(server) == 1


def number_of_connections(server: socket.socket) -> int:
    number = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return number
        number += 1
