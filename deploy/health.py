"""Container health check: exits with 0 if the process of the container works, else with 1.

Every container runs one process, so the script needs no argument. Relay, worker and beat touch the
file HEARTBEAT_PATH from their main loop every few seconds; web and Flower respond on their ports. A
response such as 401 also counts: it shows that the process is alive.
"""

import http.client
import os
import sys
import time
from pathlib import Path

TIMEOUT_SECONDS = 4
SERVER_ERROR = 500
# A beat waits up to 15 s for its lease, a busy machine longer.
MAX_AGE_SECONDS = 45
ENDPOINTS = {8000: "/healthz", 5555: "/healthcheck"}


def is_healthy() -> bool:
    heartbeat = os.environ.get("HEARTBEAT_PATH")
    if heartbeat and Path(heartbeat).exists():
        return time.time() - Path(heartbeat).stat().st_mtime < MAX_AGE_SECONDS
    return any(responds(port, path) for port, path in ENDPOINTS.items())


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
    sys.exit(not is_healthy())
