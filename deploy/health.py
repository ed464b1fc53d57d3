"""Container health check: exits with 0 if the process responds on its port, else with 1.

Every container runs one process, so the script tries the ports of all of them and needs no
argument. A response such as 401 also counts: it shows that the process is alive.
"""

import http.client
import os
import sys

TIMEOUT_SECONDS = 4
SERVER_ERROR = 500
METRICS_PORT = int(os.environ.get("METRICS_PORT") or 9101)
ENDPOINTS = {8000: "/healthz", METRICS_PORT: "/metrics", 5555: "/healthcheck"}


def responds(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("HEAD" if path != "/healthcheck" else "GET", path)
        return connection.getresponse().status < SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not any(responds(port, path) for port, path in ENDPOINTS.items()))
