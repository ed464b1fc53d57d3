"""Is the process of this container alive? Exit code 0 if it answers at its port, 1 if not.

Each process has a container of its own, so whoever answers is it: no container needs to be told
which one it holds. An answer that refuses, for want of a token, is a sign of life as well.
"""

import http.client
import os
import sys

ANSWER_SECONDS = 4
SERVER_ERROR = 500
METRICS_PORT = int(os.environ.get("METRICS_PORT") or 9101)
PLACES = {8000: "/healthz", METRICS_PORT: "/metrics", 5555: "/healthcheck"}


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("HEAD" if path != "/healthcheck" else "GET", path)
        return connection.getresponse().status < SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not any(answers(port, path) for port, path in PLACES.items()))
